package web

import "sync"

// shelf keeps answers that are made on demand: each once at a time, however
// many ask, and no more than a set number of them.
type shelf struct {
	mu    sync.Mutex
	limit int
	kept  map[string]*slot
	order []string // the kept keys, oldest first
}

// slot is one answer, finished when done is closed.
type slot struct {
	done   chan struct{}
	answer *answer
	err    error
}

func newShelf(limit int) *shelf { return &shelf{limit: limit, kept: map[string]*slot{}} }

// get is the answer kept under key, made now if there is none. Whoever asks
// while it is made waits for it. A failure is told to those who waited and not
// kept.
func (s *shelf) get(key string, build func() (*answer, error)) (*answer, error) {
	s.mu.Lock()
	if one, ok := s.kept[key]; ok {
		s.mu.Unlock()
		<-one.done
		return one.answer, one.err
	}
	one := &slot{done: make(chan struct{}), err: errBroken}
	s.keep(key, one)
	s.mu.Unlock()

	defer func() { // also when build panics: those who wait must not hang
		if one.err != nil {
			s.drop(key, one)
		}
		close(one.done)
	}()
	one.answer, one.err = build()
	return one.answer, one.err
}

// keep adds a slot and, over the limit, lets the oldest go. Those who wait for
// one that went still get their answer.
func (s *shelf) keep(key string, one *slot) {
	for len(s.order) >= s.limit {
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
	s.kept[key] = one
	s.order = append(s.order, key)
}

func (s *shelf) drop(key string, one *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[key] != one {
		return
	}
	delete(s.kept, key)
	for i, k := range s.order {
		if k == key {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			return
		}
	}
}
