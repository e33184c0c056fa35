package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/auscult/auscult/inventory"
)

// argon2id's parameters are RFC 9106's second recommended option, which fits an
// appliance: 64 MiB, 3 passes.
const (
	argonPasses = 3
	argonKiB    = 64 << 10
	argonLanes  = 4
	argonKey    = 32
	argonSalt   = 16
)

const (
	// hashesAtOnce keeps a flood of sign-ins below 128 MiB.
	hashesAtOnce = 2
	// minPassword follows NIST SP 800-63B, section 5.1.1.2, with a margin;
	// maxPassword only bounds the work.
	minPassword = 10
	maxPassword = 256
	// firstPasswordBytes are random: 120 bits, which base32 writes without padding.
	firstPasswordBytes = 15
)

// Check returns the account whose name and password these are. It takes the same
// time whether or not the name exists.
func (a *Accounts) Check(name, password string) (Account, bool) {
	r, same := a.check(name, password)
	return r.Account, same
}

func (a *Accounts) check(name, password string) (accountRecord, bool) {
	r, err := a.find(name)
	if err != nil {
		r = accountRecord{Salt: make([]byte, argonSalt), Hash: make([]byte, argonKey)}
	}
	if len(password) > maxPassword {
		return accountRecord{}, false
	}
	if same := subtle.ConstantTimeCompare(a.hash(password, r.Salt), r.Hash) == 1; !same || err != nil {
		return accountRecord{}, false
	}
	return r, true
}

// hash waits for one of the slots: it needs much memory by design.
func (a *Accounts) hash(password string, salt []byte) []byte {
	a.slots <- struct{}{}
	defer func() { <-a.slots }()
	return argon2.IDKey([]byte(password), salt, argonPasses, argonKiB, argonLanes, argonKey)
}

// sealed checks a new password and returns the record that keeps its hash. It is
// called outside a transaction, since hashing takes a good part of a second.
func (a *Accounts) sealed(password string) (accountRecord, error) {
	if n := utf8.RuneCountInString(password); n < minPassword || len(password) > maxPassword {
		return accountRecord{}, fmt.Errorf("%w password: want at least %d characters and at most %d bytes", ErrAccount, minPassword, maxPassword)
	}
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		return accountRecord{}, fmt.Errorf("%w password: make a salt: %w", ErrAccount, err)
	}
	return accountRecord{Salt: salt, Hash: a.hash(password, salt)}, nil
}

// First makes the first account with a random password when there is none, and
// returns that password once; "" when accounts exist.
func (a *Accounts) First(at time.Time) (password string, err error) {
	all, err := a.List()
	if err != nil || len(all) > 0 {
		return "", err
	}
	raw := make([]byte, firstPasswordBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("make the first password: %w", err)
	}
	password = strings.ToLower(base32.StdEncoding.EncodeToString(raw))
	if err := a.Add(FirstAccount, password, []Role{Therapy, Act, Admin}, at); err != nil {
		return "", err
	}
	return password, nil
}

// NewToken gives an account a bearer token for scripts, in place of an older
// one, and returns it once.
func (a *Accounts) NewToken(name string) (string, error) {
	made, err := token()
	if err != nil {
		return "", err
	}
	err = a.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(accountBucket)
		r, err := getAccount(b, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(made))
		r.Token = sum[:]
		return putAccount(b, r)
	})
	if err != nil {
		return "", err
	}
	return made, nil
}

// Bearer returns the account that a bearer token belongs to.
func (a *Accounts) Bearer(given string) (Account, bool) {
	sum := sha256.Sum256([]byte(given))
	var found Account
	err := a.store.View(func(tx inventory.Tx) error {
		all, err := allAccounts(tx.Bucket(accountBucket))
		for _, r := range all {
			if len(r.Token) > 0 && subtle.ConstantTimeCompare(r.Token, sum[:]) == 1 {
				found = r.Account
			}
		}
		return err
	})
	return found, err == nil && found.Name != ""
}

// stamp names one password of one account: a session ends when it changes.
func (r accountRecord) stamp() [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte(nil), r.Salt...), r.Hash...))
}

// token returns 256 random bits as text.
func token() (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return hex.EncodeToString(raw), nil
}
