package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

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
	// minPassword follows NIST SP 800-63B section 5.1.1.2 with a margin.
	minPassword = 10
	maxPassword = 256
)

// argon2id's parameters are RFC 9106's second recommended option, which fits an
// appliance: 64 MiB, 3 passes.
const (
	argonPasses = 3
	argonKiB    = 64 << 10
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
)

// Account is one person or machine that may sign in. It holds no password.
type Account struct {
	Name    string    `json:"name"`
	Roles   []Role    `json:"roles"`
	Created time.Time `json:"created"`
}

// May reports whether the account has a role. Every account reads.
func (a Account) May(r Role) bool { return r == Read || slices.Contains(a.Roles, r) }

type accountRecord struct {
	Account
	Salt  []byte `json:"salt"`
	Hash  []byte `json:"hash"`
	Token []byte `json:"token,omitempty"` // SHA-256 of the bearer token: it is random, so no slow hash is needed
}

// Accounts keeps who may sign in, in its own bucket.
type Accounts struct {
	store inventory.Store
	// slots bounds how many passwords are hashed at once: each takes argonKiB.
	slots chan struct{}
}

// hashesAtOnce keeps a flood of sign-ins below 128 MiB.
const hashesAtOnce = 2

// NewAccounts returns the accounts in a store.
func NewAccounts(s inventory.Store) *Accounts {
	return &Accounts{store: s, slots: make(chan struct{}, hashesAtOnce)}
}

// ErrAccount says what is wrong with an account or a password.
var ErrAccount = errors.New("account")

// Add makes an account. The name is lower case letters, digits, dots, dashes.
func (a *Accounts) Add(name, password string, roles []Role, at time.Time) error {
	if err := checkAccount(name, password, roles); err != nil {
		return err
	}
	return a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		if b.Get([]byte(name)) != nil {
			return fmt.Errorf("%w %s exists already; use auscult user passwd to change its password", ErrAccount, name)
		}
		return putAccount(b, Account{Name: name, Roles: roles, Created: at.UTC()}, password)
	})
}

// SetPassword gives an account a new password.
func (a *Accounts) SetPassword(name, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	return a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		r, err := getAccount(b, name)
		if err != nil {
			return err
		}
		return putAccount(b, r.Account, password)
	})
}

// Remove deletes an account; the last administrator stays.
func (a *Accounts) Remove(name string) error {
	all, err := a.List()
	if err != nil {
		return err
	}
	admins := 0
	for _, x := range all {
		if x.May(Admin) && x.Name != name {
			admins++
		}
	}
	return a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		r, err := getAccount(b, name)
		if err != nil {
			return err
		}
		if r.May(Admin) && admins == 0 {
			return fmt.Errorf("%w %s is the last administrator; make another first", ErrAccount, name)
		}
		return b.Delete([]byte(name))
	})
}

// List returns all accounts by name.
func (a *Accounts) List() ([]Account, error) {
	var all []Account
	err := a.store.View(func(tx inventory.Tx) error {
		return tx.Bucket(accountBucket).Scan(nil, func(_, v []byte) error {
			var r accountRecord
			if err := json.Unmarshal(v, &r); err != nil {
				return fmt.Errorf("%w record: %w; restore a backup", ErrAccount, err)
			}
			all = append(all, r.Account)
			return nil
		})
	})
	return all, err
}

// Check returns the account whose name and password these are. It takes the same
// time whether or not the name exists.
func (a *Accounts) Check(name, password string) (Account, bool) {
	var r accountRecord
	err := a.store.View(func(tx inventory.Tx) error {
		var err error
		r, err = getAccount(tx.Bucket(accountBucket), name)
		return err
	})
	if err != nil {
		r.Salt, r.Hash = make([]byte, argonSalt), make([]byte, argonKey)
	}
	if len(password) > maxPassword {
		return Account{}, false
	}
	a.slots <- struct{}{}
	defer func() { <-a.slots }()
	same := subtle.ConstantTimeCompare(hash(password, r.Salt), r.Hash) == 1
	return r.Account, same && err == nil
}

// NewToken gives an account a bearer token for scripts, in place of an older
// one, and returns it once.
func (a *Accounts) NewToken(name string) (string, error) {
	made, err := token()
	if err != nil {
		return "", err
	}
	return made, a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		r, err := getAccount(b, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(made))
		r.Token = sum[:]
		raw, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("%w %s: %w", ErrAccount, name, err)
		}
		return b.Put([]byte(name), raw)
	})
}

// Bearer returns the account that a bearer token belongs to.
func (a *Accounts) Bearer(given string) (Account, bool) {
	sum := sha256.Sum256([]byte(given))
	var found *Account
	err := a.store.View(func(tx inventory.Tx) error {
		return tx.Bucket(accountBucket).Scan(nil, func(_, v []byte) error {
			var r accountRecord
			if err := json.Unmarshal(v, &r); err != nil {
				return err
			}
			if len(r.Token) > 0 && subtle.ConstantTimeCompare(r.Token, sum[:]) == 1 {
				found = &r.Account
			}
			return nil
		})
	})
	if err != nil || found == nil {
		return Account{}, false
	}
	return *found, true
}

// First makes the first account with a random password when there is none, and
// returns that password once; "" when accounts exist.
func (a *Accounts) First(at time.Time) (password string, err error) {
	all, err := a.List()
	if err != nil || len(all) > 0 {
		return "", err
	}
	raw := make([]byte, 12)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("make the first password: %w", err)
	}
	password = strings.ToLower(strings.TrimRight(base32.StdEncoding.EncodeToString(raw), "="))
	return password, a.Add(FirstAccount, password, []Role{Therapy, Act, Admin}, at)
}

func getAccount(b inventory.Bucket, name string) (accountRecord, error) {
	raw := b.Get([]byte(name))
	if raw == nil {
		return accountRecord{}, fmt.Errorf("%w %q: %w; auscult user list shows all", ErrAccount, name, inventory.ErrNotFound)
	}
	var r accountRecord
	if err := json.Unmarshal(raw, &r); err != nil {
		return accountRecord{}, fmt.Errorf("%w record: %w; restore a backup", ErrAccount, err)
	}
	return r, nil
}

func putAccount(b inventory.Bucket, a Account, password string) error {
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		return fmt.Errorf("%w %s: make a salt: %w", ErrAccount, a.Name, err)
	}
	raw, err := json.Marshal(accountRecord{Account: a, Salt: salt, Hash: hash(password, salt)})
	if err != nil {
		return fmt.Errorf("%w %s: %w", ErrAccount, a.Name, err)
	}
	return b.Put([]byte(a.Name), raw)
}

func hash(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonPasses, argonKiB, argonLanes, argonKey)
}

func checkAccount(name, password string, roles []Role) error {
	if name == "" || len(name) > 32 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return fmt.Errorf("%w name: want up to 32 lower case letters, digits, dots or dashes", ErrAccount)
	}
	for _, r := range roles {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("%w role %q: want read, therapy, act or admin", ErrAccount, r)
		}
	}
	return checkPassword(password)
}

func checkPassword(p string) error {
	if len(p) < minPassword || len(p) > maxPassword {
		return fmt.Errorf("%w password: want %d to %d characters", ErrAccount, minPassword, maxPassword)
	}
	return nil
}
