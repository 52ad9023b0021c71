package notify

// Observer is told of every attempt that was made, for whoever counts. It must
// not take long, and is called from several goroutines.
type Observer interface {
	// Attempted is called with what was said and what became of it, before that
	// is recorded.
	Attempted(text Text, r Recorded)
}

// observe tells the observer, if there is one.
func (w *Worker) observe(text Text, r Recorded) {
	if w.observer != nil {
		w.observer.Attempted(text, r)
	}
}
