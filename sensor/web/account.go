package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
)

// Role is what an account may do beyond reading.
type Role string

const (
	Read    Role = "read"    // every account
	Therapy Role = "therapy" // sees drug, rate and bed
	Act     Role = "act"     // decides orders and matches
	Admin   Role = "admin"   // accounts, and the switch that stops all writing
)

// Roles is the closed list.
func Roles() []Role { return []Role{Read, Therapy, Act, Admin} }

const (
	accountBucket = "accounts"
	// FirstAccount is the account that is made at first start.
	FirstAccount = "admin"
	// maxAccountName keeps names readable in the record of decisions.
	maxAccountName = 32
)

// Account is one person or machine that may sign in. It holds no password.
type Account struct {
	Name    string    `json:"name"`
	Roles   []Role    `json:"roles"`
	Created time.Time `json:"created"`
}

// May reports whether the account has a role. Every account reads; one without a
// name is nobody's and may nothing.
func (a Account) May(r Role) bool {
	return a.Name != "" && (r == Read || slices.Contains(a.Roles, r))
}

type accountRecord struct {
	Account
	Salt  []byte `json:"salt"`
	Hash  []byte `json:"hash"`
	Token []byte `json:"token,omitempty"` // SHA-256 of the bearer token: it is random, so no slow hash is needed
}

// Accounts keeps who may sign in, in its own bucket. It is safe for concurrent
// use.
type Accounts struct {
	store inventory.Store
	// slots bounds how many passwords are hashed at once: each takes argonKiB.
	slots chan struct{}
}

// NewAccounts returns the accounts in a store.
func NewAccounts(s inventory.Store) *Accounts {
	return &Accounts{store: s, slots: make(chan struct{}, hashesAtOnce)}
}

// ErrAccount says what is wrong with an account or a password.
var ErrAccount = errors.New("account")

// Add makes an account. The name is lower case letters, digits, dots, dashes.
func (a *Accounts) Add(name, password string, roles []Role, at time.Time) error {
	if err := checkAccount(name, roles); err != nil {
		return err
	}
	r, err := a.sealed(password)
	if err != nil {
		return err
	}
	r.Account = Account{Name: name, Roles: slices.Clone(roles), Created: at.UTC()}
	return a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		if b.Get([]byte(name)) != nil {
			return fmt.Errorf("%w %s exists already; use auscult user passwd to change its password", ErrAccount, name)
		}
		return putAccount(b, r)
	})
}

// SetPassword gives an account a new password. Whatever the old one let in ends:
// its bearer token, and every session of the page.
func (a *Accounts) SetPassword(name, password string) error {
	r, err := a.sealed(password)
	if err != nil {
		return err
	}
	return a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		old, err := getAccount(b, name)
		if err != nil {
			return err
		}
		r.Account = old.Account
		return putAccount(b, r)
	})
}

// Remove deletes an account; the last administrator stays.
func (a *Accounts) Remove(name string) error {
	return a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		leaving, err := getAccount(b, name)
		if err != nil {
			return err
		}
		all, err := allAccounts(b)
		if err != nil {
			return err
		}
		admins := func(r accountRecord) bool { return r.May(Admin) && r.Name != name }
		if leaving.May(Admin) && !slices.ContainsFunc(all, admins) {
			return fmt.Errorf("%w %s is the last administrator; make another first", ErrAccount, name)
		}
		return b.Delete([]byte(name))
	})
}

// List returns all accounts by name.
func (a *Accounts) List() ([]Account, error) {
	var all []Account
	err := a.store.View(func(tx inventory.Tx) error {
		records, err := allAccounts(tx.Bucket(accountBucket))
		for _, r := range records {
			all = append(all, r.Account)
		}
		return err
	})
	return all, err
}

// find returns one account's record.
func (a *Accounts) find(name string) (r accountRecord, err error) {
	err = a.store.View(func(tx inventory.Tx) error {
		r, err = getAccount(tx.Bucket(accountBucket), name)
		return err
	})
	return r, err
}

func allAccounts(b inventory.Bucket) (all []accountRecord, err error) {
	err = b.Scan(nil, func(_, v []byte) error {
		r, err := decodeAccount(v)
		all = append(all, r)
		return err
	})
	return all, err
}

func getAccount(b inventory.Bucket, name string) (accountRecord, error) {
	if raw := b.Get([]byte(name)); name != "" && raw != nil {
		return decodeAccount(raw)
	}
	return accountRecord{}, fmt.Errorf("%w %q: %w; auscult user list shows all", ErrAccount, name, inventory.ErrNotFound)
}

func decodeAccount(raw []byte) (r accountRecord, err error) {
	if err := json.Unmarshal(raw, &r); err != nil {
		return accountRecord{}, fmt.Errorf("%w record: %w; restore a backup", ErrAccount, err)
	}
	return r, nil
}

func putAccount(b inventory.Bucket, r accountRecord) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%w %s: %w", ErrAccount, r.Name, err)
	}
	return b.Put([]byte(r.Name), raw)
}

func checkAccount(name string, roles []Role) error {
	if name == "" || len(name) > maxAccountName || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return fmt.Errorf("%w name: want up to %d lower case letters, digits, dots or dashes", ErrAccount, maxAccountName)
	}
	for _, r := range roles {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("%w role %q: want read, therapy, act or admin", ErrAccount, r)
		}
	}
	return nil
}
