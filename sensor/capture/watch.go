package capture

import (
	"fmt"
	"slices"
	"syscall"
	"time"
)

// watchEvery is how often the kernel is asked whether the egress drop still stands.
// Until then, SourceStats.Transmitted shows what left.
const watchEvery = 5 * time.Second

// Muted reports whether the egress drop stood when Stats last looked, which is about
// once every five seconds. What was taken away is put back, and told for as long as
// the Live is open: frames may have left meanwhile. The words are "" when nothing
// has happened.
func (l *Live) Muted() (ok bool, says string) {
	m, name := l.mute, l.mute.link.called()
	switch {
	case m.trouble != nil:
		return false, fmt.Sprintf("interface %s may send: %v; unplug it, or find what sets filters there: tc filter show dev %s egress", name, m.trouble, name)
	case m.renewed > 0:
		return true, fmt.Sprintf("interface %s: somebody took its egress drop away (%d times), and it was put back; frames may have left meanwhile: "+
			"find what sets filters there: tc filter show dev %s egress", name, m.renewed, name)
	}
	return true, ""
}

// watch looks whether the drop stands, where it is time to.
func (m *mute) watch() {
	if time.Since(m.watched) < watchEvery {
		return
	}
	m.watched = time.Now()
	if err := m.look(); !isGone(err) { // of an interface that is gone, State tells
		m.trouble = err
	}
}

// look puts the drop back where it is gone. The error says why the interface may
// send all the same.
func (m *mute) look() error {
	s, err := m.link.filters()
	if err != nil {
		return fmt.Errorf("its egress drop cannot be seen: %w", err)
	}
	if !slices.Contains(s.Egress, m.drop.filter) {
		if err := m.renew(); err != nil {
			return fmt.Errorf("its egress drop was taken away and cannot be put back: %w", withRights(err))
		}
		m.renewed++
		if s, err = m.link.filters(); err != nil {
			return fmt.Errorf("its egress drop cannot be seen: %w", err)
		}
	}
	return overtaken(s.Egress, m.drop.filter)
}

// overtaken says which filter decides before the drop does. It is somebody's, so it
// stays.
func overtaken(egress []EgressFilter, drop EgressFilter) error {
	for _, f := range egress {
		if f.Priority < drop.Priority {
			return fmt.Errorf("a %s filter (priority %d) stands before its egress drop", f.Kind, f.Priority)
		}
	}
	return nil
}

// renew attaches the drop anew, the same program where there is one, so that its
// count goes on. What took its very place goes.
func (m *mute) renew() error {
	h, l := m.link.handle, m.link.link
	if err := ignore(h.QdiscAdd(clsact(l)), syscall.EEXIST); err != nil {
		return err
	}
	filter, _, err := m.drop.way.attach(l, m.drop.gate)
	if err != nil {
		return err
	}
	m.drop.filter, err = m.link.standing(filter)
	return err
}

// standing is a filter as the kernel has it, with the number of its program.
func (l *link) standing(f EgressFilter) (EgressFilter, error) {
	s, err := l.filters()
	if err != nil {
		return f, err
	}
	i := slices.IndexFunc(s.Egress, func(e EgressFilter) bool { return e.place() == f.place() })
	if i < 0 {
		return f, fmt.Errorf("the kernel took the %s filter (priority %d) and does not show it", f.Kind, f.Priority)
	}
	return s.Egress[i], nil
}

// removeOurs takes a filter away, unless it is gone or another stands in its place.
func (l *link) removeOurs(f EgressFilter) error {
	s, err := l.filters()
	if err != nil || !slices.Contains(s.Egress, f) {
		return err
	}
	return ignore(removeFilter(l.handle, l.link, f), syscall.ENOENT)
}

// tally counts the drops of a qdisc, which begins anew when somebody replaces it.
type tally struct {
	last  uint64 // what the qdisc said last
	drops uint64
}

// add is the tally with what the qdisc says now.
func (t *tally) add(now uint64) uint64 {
	if now < t.last {
		t.last = 0
	}
	t.drops += now - t.last
	t.last = now
	return t.drops
}
