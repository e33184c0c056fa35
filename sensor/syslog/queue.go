package syslog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// queue is a bounded first-in-first-out of messages on disk. Safe for concurrent
// use.
type queue struct {
	mu       sync.Mutex
	dir      string
	limit    int64 // octets of records not yet delivered
	cursor   *cursor
	segments []*segment // oldest first; the last one is appended to
	head     position   // the oldest record that is not delivered
	next     uint64     // number of the next record
	records  int        // not delivered
	octets   int64      // of them
	changed  chan struct{}
}

// position is where a record begins.
type position struct {
	segment uint64 // number of its first record
	offset  int64
}

// segmentsPerQueue divides the bound: a segment is deleted as a whole, so the
// disk holds at most one more than the bound, and few files are open.
const segmentsPerQueue = 16

// openQueue opens the queue of a directory, which it makes if need be, and
// returns how many records were lost to damage.
func openQueue(dir string, limit int64) (q *queue, lost uint64, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, 0, fmt.Errorf("syslog queue: %w; give a directory that can be written", err)
	}
	q = &queue{dir: dir, limit: limit, changed: make(chan struct{}, 1)}
	if q.cursor, err = openCursor(filepath.Join(dir, cursorName)); err != nil {
		return nil, 0, fmt.Errorf("syslog queue: %w; check the directory's rights and free space", err)
	}
	if lost, err = q.load(); err != nil {
		return nil, 0, errors.Join(fmt.Errorf("syslog queue: %w", err), q.close())
	}
	q.wake()
	return q, lost, nil
}

// load opens the segments in order and counts what is to be delivered.
func (q *queue) load() (lost uint64, err error) {
	paths, err := filepath.Glob(filepath.Join(q.dir, "*"+segmentSuffix))
	if err != nil {
		return 0, err
	}
	slices.Sort(paths) // names are numbers of one width
	q.next = q.cursor.last + 1
	for _, path := range paths {
		s, err := openSegment(path)
		if err != nil {
			return lost, err
		}
		if s.first > q.next {
			lost += s.first - q.next
		}
		q.segments = append(q.segments, s)
		if err := q.scan(s); err != nil {
			return lost, err
		}
	}
	if q.records == 0 {
		q.head = q.end()
	}
	return lost, q.tidy()
}

// scan walks a segment up to its end, or to where it is damaged: what follows
// there cannot be told apart any more and is cut off.
func (q *queue) scan(s *segment) error {
	for at := int64(0); ; {
		number, _, next, err := s.read(at)
		if errors.Is(err, io.EOF) || errors.Is(err, errDamaged) {
			s.size = at
			return s.file.Truncate(at)
		}
		if err != nil {
			return err
		}
		if number > q.cursor.last {
			if q.records == 0 {
				q.head = position{s.first, at}
			}
			q.records++
			q.octets += next - at
		}
		q.next = max(q.next, number+1)
		at = next
	}
}

// append makes the message that render writes for its number durable. It drops
// the oldest ones to stay within the bound, and returns how many.
func (q *queue) append(render func(number uint64) []byte) (dropped int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	message := render(q.next)
	size := int64(recordHeader + len(message))
	for q.records > 0 && q.octets+size > q.limit {
		if err := q.drop(); err != nil {
			return dropped, fmt.Errorf("syslog queue: %w", err)
		}
		dropped++
	}
	s, err := q.tail(size)
	if err == nil {
		err = s.append(q.next, message)
	}
	if err != nil {
		return dropped, fmt.Errorf("syslog queue: the event is not kept: %w; free some space on the disk", err)
	}
	if q.records == 0 {
		q.head = position{s.first, s.size - size}
	}
	q.next++
	q.records++
	q.octets += size
	q.wake()
	return dropped, nil
}

// tail returns the segment that has room for a record.
func (q *queue) tail(size int64) (*segment, error) {
	if n := len(q.segments); n > 0 && q.segments[n-1].size+size <= q.limit/segmentsPerQueue {
		return q.segments[n-1], nil
	}
	s, err := createSegment(q.dir, q.next)
	if err != nil {
		return nil, err
	}
	if err := syncDir(q.dir); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	q.segments = append(q.segments, s)
	return s, nil
}

// drop forgets the oldest record.
func (q *queue) drop() error {
	_, _, _, err := q.take()
	return errors.Join(err, q.tidy())
}

// take moves the head over one record.
func (q *queue) take() (number uint64, message []byte, next position, err error) {
	number, message, next, err = q.at(q.head)
	if err != nil {
		return 0, nil, q.head, err
	}
	q.records--
	q.octets -= int64(recordHeader + len(message))
	q.head = next
	return number, message, next, nil
}

// at reads the record at a position, going on to the next segment at an end.
// io.EOF says that there is none.
func (q *queue) at(p position) (number uint64, message []byte, next position, err error) {
	for _, s := range q.segments {
		if s.first < p.segment {
			continue
		}
		if s.first > p.segment {
			p = position{s.first, 0}
		}
		if p.offset >= s.size {
			continue
		}
		number, message, offset, err := s.read(p.offset)
		return number, message, position{s.first, offset}, err
	}
	return 0, nil, p, io.EOF
}

// end is where the next record will begin.
func (q *queue) end() position {
	if n := len(q.segments); n > 0 {
		return position{q.segments[n-1].first, q.segments[n-1].size}
	}
	return position{q.next, 0}
}

// tidy deletes the segments that are wholly delivered, keeping the last one.
func (q *queue) tidy() (err error) {
	for len(q.segments) > 1 && (q.records == 0 || q.segments[0].first < q.head.segment) {
		err = errors.Join(err, q.segments[0].remove())
		q.segments = q.segments[1:]
	}
	return err
}

// after reads the first record at or behind a position, and not before the head:
// records between may have been dropped.
func (q *queue) after(p position) (number uint64, message []byte, next position, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.segment < q.head.segment || p.segment == q.head.segment && p.offset < q.head.offset {
		p = q.head
	}
	return q.at(p)
}

// first is the oldest record that is not delivered.
func (q *queue) first() position {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.head
}

// delivered forgets all records up to a number, durably, and returns how many
// there were.
func (q *queue) delivered(last uint64) (n int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.records > 0 {
		number, _, _, err := q.at(q.head)
		if err != nil {
			return n, fmt.Errorf("syslog queue: %w", err)
		}
		if number > last {
			break
		}
		if _, _, _, err := q.take(); err != nil {
			return n, fmt.Errorf("syslog queue: %w", err)
		}
		n++
	}
	err = q.cursor.save(max(last, q.cursor.last))
	if err = errors.Join(err, q.tidy()); err != nil {
		return n, fmt.Errorf("syslog queue: %w; events may be sent twice after a restart", err)
	}
	return n, nil
}

// length is how many records are not delivered.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.records
}

func (q *queue) wake() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// close closes the files; the queue must not be used afterwards.
func (q *queue) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	err := q.cursor.file.Close()
	for _, s := range q.segments {
		err = errors.Join(err, s.file.Close())
	}
	return err
}
