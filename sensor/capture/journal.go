package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// journalVersion is that of the file's form.
	journalVersion = 1
	// maxJournal is far more than the settings of one interface take.
	maxJournal = 64 << 10
	// maxGenerateMode is IN6_ADDR_GEN_MODE_RANDOM of linux/if_link.h.
	maxGenerateMode = 3
	// bootID is where the kernel says which start of the machine this is (random(4)).
	bootID = "/proc/sys/kernel/random/boot_id"
)

// journalEntry is the file: which interface, and how it was found.
type journalEntry struct {
	Version   int      `json:"version"`
	Interface string   `json:"interface"` // for people: an interface may be renamed
	Index     int      `json:"index"`
	MAC       string   `json:"mac"`
	Boot      string   `json:"boot"`
	Before    Settings `json:"before"`
}

// parseJournal is pure. The error says what is damaged.
func parseJournal(b []byte) (journalEntry, error) {
	var e journalEntry
	if len(b) > maxJournal {
		return e, fmt.Errorf("more than %d bytes", maxJournal)
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, err
	}
	if e.Version != journalVersion {
		return e, fmt.Errorf("version %d, not %d", e.Version, journalVersion)
	}
	return e, e.Before.check()
}

// check refuses what no run of the sensor finds.
func (s Settings) check() error {
	if s.GenerateMode < 0 || s.GenerateMode > maxGenerateMode {
		return fmt.Errorf("address generation mode %d, not 0 to %d", s.GenerateMode, maxGenerateMode)
	}
	for _, a := range s.LinkLocal {
		if !a.IsValid() || !isLinkLocal(a) {
			return fmt.Errorf("the address %q is not a link-local one", a)
		}
	}
	for name := range s.Features {
		if !slices.Contains(slices.Concat(hiding(), untagging()), name) {
			return fmt.Errorf("an offload %q that the sensor does not switch", name)
		}
	}
	return nil
}

// same reports whether e was written of that interface since the machine started.
func (e journalEntry) same(of journalEntry) bool {
	return e.Index == of.Index && e.MAC == of.MAC && e.Boot == of.Boot
}

// journal keeps how one interface was found, for as long as it is changed. Its file
// bears the interface's number, which a new name does not change. Whoever owns the
// interface is its only writer.
type journal struct {
	path string
	of   journalEntry
}

// openJournal names the file; it touches nothing. No folder means no journal: nil.
func openJournal(folder string, l *link) (*journal, error) {
	if folder == "" {
		return nil, nil
	}
	boot, err := os.ReadFile(bootID)
	if err != nil {
		return nil, fmt.Errorf("interface %s: keep how it was found: %w; allow the process to read %s", l.name, err, bootID)
	}
	a := l.link.Attrs()
	return &journal{
		path: filepath.Join(folder, fmt.Sprintf("interface-%d.json", a.Index)),
		of: journalEntry{
			Version: journalVersion, Interface: a.Name, Index: a.Index,
			MAC: a.HardwareAddr.String(), Boot: strings.TrimSpace(string(boot)),
		},
	}, nil
}

// recall is what an earlier run of this boot found, where it could not put it back.
// What another boot or another card left there is removed. An error is damage.
func (j *journal) recall() (earlier Settings, known bool, err error) {
	b, err := readBounded(j.path)
	if err != nil {
		return Settings{}, false, ignoreMissing(err)
	}
	e, err := parseJournal(b)
	if err != nil {
		return Settings{}, false, fmt.Errorf("%s: %w", j.path, err)
	}
	if !e.same(j.of) {
		return Settings{}, false, j.remove()
	}
	return e.Before, true, nil
}

// readBounded reads a file up to one byte more than a journal may have.
func readBounded(path string) ([]byte, error) {
	// What is no file, a pipe say, must not make the sensor wait.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxJournal+1))
	return b, errors.Join(err, f.Close())
}

// write puts the file there whole or not at all, also where power fails.
func (j *journal) write(before Settings) error {
	e := j.of
	e.Before = before
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	folder, part := filepath.Dir(j.path), j.path+".part"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := writePart(part, append(b, '\n')); err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(part)))
	}
	if err := os.Rename(part, j.path); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return syncFolder(folder)
}

// writePart writes a file of its own, whatever an earlier run left there.
func writePart(path string, b []byte) error {
	if err := ignoreMissing(os.Remove(path)); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// remove forgets what was found: it is there again, or it was another's.
func (j *journal) remove() error { return ignoreMissing(os.Remove(j.path)) }

// syncFolder makes a new name in a folder last.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// ignoreMissing forgives that there is no such file, or no such folder for it.
func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	return err
}

// recall gives the settings to be restored in the end: those that an earlier run
// found, where it was killed, or else those that are found now.
func (m *mute) recall(state LinkState, folder string) Settings {
	j, err := openJournal(folder, m.link)
	if err != nil {
		m.notes = append(m.notes, err.Error())
		return state.Settings()
	}
	if m.journal = j; j == nil {
		return state.Settings()
	}
	earlier, known, err := j.recall()
	if err != nil {
		m.notes = append(m.notes, fmt.Sprintf("interface %s: its journal cannot be used: %v; if an earlier run was killed, "+
			"what it changed is taken for what was there: look at the interface when the sensor has stopped: ip -d link show %s; ethtool -k %s",
			m.link.name, err, m.link.name, m.link.name))
	}
	if !known {
		return state.Settings()
	}
	return state.Before(earlier)
}

// remember writes what is to be restored, before the first change.
func (m *mute) remember(before Settings) {
	if m.journal == nil {
		return
	}
	if err := m.journal.write(before); err != nil {
		m.notes = append(m.notes, fmt.Sprintf("interface %s: keep how it was found: %v; if this run is killed, that cannot be put back: "+
			"make the folder writable", m.link.name, err))
	}
}

// forget removes the journal when all is put back.
func (m *mute) forget() error {
	if m.journal == nil {
		return nil
	}
	if err := m.journal.remove(); err != nil {
		return fmt.Errorf("interface %s: remove its journal: %w; remove the file", m.link.name, err)
	}
	return nil
}
