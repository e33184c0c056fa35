package web_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/sensor/web"
)

func TestFirstAccountIsMadeOnce(t *testing.T) {
	store := newMemory()
	accounts := web.NewAccounts(store)
	first, err := accounts.First(now)
	if err != nil || len(first) < 20 {
		t.Fatalf("first password: %d characters, %v", len(first), err)
	}
	if again, err := accounts.First(now); err != nil || again != "" {
		t.Errorf("a second first password: %v", err)
	}
	a, ok := accounts.Check(web.FirstAccount, first)
	if !ok || !a.May(web.Admin) || !a.May(web.Act) || !a.May(web.Therapy) || !a.May(web.Read) {
		t.Errorf("the first account: %+v %v", a, ok)
	}
	for _, raw := range store.buckets["accounts"] {
		if strings.Contains(string(raw), first) {
			t.Error("the store holds the password")
		}
		var r struct{ Salt, Hash []byte }
		if err := json.Unmarshal(raw, &r); err != nil || len(r.Salt) != 16 || len(r.Hash) != 32 {
			t.Errorf("the record is not a salted hash of argon2: %v", err)
		}
	}
	other := web.NewAccounts(newMemory())
	if second, err := other.First(now); err != nil || second == first {
		t.Errorf("two houses have one first password: %v", err)
	}
}

func TestAccountRules(t *testing.T) {
	accounts := web.NewAccounts(newMemory())
	for name, bad := range map[string]func() error{
		"no name":        func() error { return accounts.Add("", password, nil, now) },
		"capitals":       func() error { return accounts.Add("Boss", password, nil, now) },
		"a space":        func() error { return accounts.Add("a b", password, nil, now) },
		"a long name":    func() error { return accounts.Add(strings.Repeat("a", 33), password, nil, now) },
		"a short secret": func() error { return accounts.Add("x", "123456789", nil, now) },
		"a long secret":  func() error { return accounts.Add("x", strings.Repeat("x", 257), nil, now) },
		"umlauts":        func() error { return accounts.Add("x", "üüüüüüüüü", nil, now) },
		"a made-up role": func() error { return accounts.Add("x", password, []web.Role{"root"}, now) },
	} {
		if err := bad(); !errors.Is(err, web.ErrAccount) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, err := accounts.List(); err != nil || len(all) != 0 {
		t.Errorf("a refused account stays: %v %v", all, err)
	}
	for name, err := range map[string]error{"password": accounts.SetPassword("nobody", password), "removal": accounts.Remove("nobody")} {
		if !errors.Is(err, inventory.ErrNotFound) {
			t.Errorf("%s of nobody: %v", name, err)
		}
	}
	if _, err := accounts.NewToken("nobody"); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("token of nobody: %v", err)
	}
}

func TestLastAdministratorStays(t *testing.T) {
	accounts := web.NewAccounts(newMemory())
	add := func(name string, roles ...web.Role) {
		if err := accounts.Add(name, password, roles, now); err != nil {
			t.Fatal(err)
		}
	}
	add("one", web.Admin)
	add("two", web.Act)
	if err := accounts.Remove("one"); !errors.Is(err, web.ErrAccount) {
		t.Fatalf("the last administrator goes: %v", err)
	}
	if err := accounts.Remove("two"); err != nil {
		t.Errorf("another account cannot go: %v", err)
	}
	add("three", web.Admin)
	var wait sync.WaitGroup
	for _, name := range []string{"one", "three"} {
		wait.Go(func() { _ = accounts.Remove(name) })
	}
	wait.Wait()
	if all, err := accounts.List(); err != nil || len(all) != 1 {
		t.Errorf("two administrators removed each other: %v %v", all, err)
	}
}

func TestPasswordsAndTokens(t *testing.T) {
	accounts := web.NewAccounts(newMemory())
	if err := accounts.Add("script", password, []web.Role{web.Read}, now); err != nil {
		t.Fatal(err)
	}
	if err := accounts.Add("script", password, nil, now); !errors.Is(err, web.ErrAccount) {
		t.Errorf("an account twice: %v", err)
	}
	if _, ok := accounts.Check("script", password+"x"); ok {
		t.Error("a wrong password is right")
	}
	if _, ok := accounts.Bearer(""); ok {
		t.Error("no token is one")
	}
	first, err := accounts.NewToken("script")
	if err != nil {
		t.Fatal(err)
	}
	if a, ok := accounts.Bearer(first); !ok || a.Name != "script" || a.May(web.Act) {
		t.Errorf("bearer: %+v %v", a, ok)
	}
	second, err := accounts.NewToken("script")
	if err != nil || second == first {
		t.Fatalf("second token: %v", err)
	}
	if _, ok := accounts.Bearer(first); ok {
		t.Error("the first token outlives the second")
	}
	if err := accounts.SetPassword("script", "another long password"); err != nil {
		t.Fatal(err)
	}
	if _, ok := accounts.Check("script", password); ok {
		t.Error("the old password still opens")
	}
	if a, ok := accounts.Check("script", "another long password"); !ok || !slices.Equal(a.Roles, []web.Role{web.Read}) || !a.Created.Equal(now) {
		t.Errorf("the new password opens %+v %v", a, ok)
	}
	if _, ok := accounts.Bearer(second); ok {
		t.Error("the token outlives the password")
	}
	if (web.Account{}).May(web.Read) {
		t.Error("nobody may read")
	}
}

func TestBrokenStoreLetsNobodyIn(t *testing.T) {
	store := newMemory()
	accounts := web.NewAccounts(store)
	if err := accounts.Add("one", password, nil, now); err != nil {
		t.Fatal(err)
	}
	token, err := accounts.NewToken("one")
	if err != nil {
		t.Fatal(err)
	}
	store.broken = errors.New("disk gone")
	if _, ok := accounts.Check("one", password); ok {
		t.Error("a password opens without a store")
	}
	if _, ok := accounts.Bearer(token); ok {
		t.Error("a token opens without a store")
	}
	if p, err := accounts.First(now); err == nil || p != "" {
		t.Error("a first account is made without a store")
	}
	store.broken = nil
	store.buckets["accounts"]["one"] = []byte("{")
	if _, ok := accounts.Check("one", password); ok {
		t.Error("a damaged record opens")
	}
}
