package archive

import (
	"context"
	"sync"
)

// Shared lets several goroutines of a process hold the lock of an archive together.
type Shared struct {
	Archive *Archive

	mu      sync.Mutex
	holders int
	unlock  func()
}

// Lock waits until this process has the lock.
func (s *Shared) Lock(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders == 0 {
		unlock, err := s.Archive.Lock(ctx, nil)
		if err != nil {
			return err
		}
		s.unlock = unlock
	}
	s.holders++
	return nil
}

// Unlock gives the lock up when the last of those that hold it does.
func (s *Shared) Unlock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders--; s.holders == 0 {
		s.unlock()
	}
}
