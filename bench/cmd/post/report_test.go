package main

import (
	"testing"
	"time"
)

func TestPreviewsAndPostsAreCountedApart(t *testing.T) {
	m := &measurements{}
	for n := range 100 {
		m.add("sqlite", manySubscribers, result{post: time.Duration(n+1) * time.Millisecond, seen: time.Second})
		m.add("sqlite", manySubscribers, result{preview: time.Minute})
	}
	of := key{"sqlite", manySubscribers}
	if posts := m.times(of, post); len(posts) != 100 || slowest(posts) != 100 {
		t.Errorf("%d posts, the slowest of a hundred %g ms", len(posts), slowest(posts))
	}
	if previews := m.times(of, preview); len(previews) != 100 || slowest(previews) != 60_000 {
		t.Errorf("%d previews, the slowest %g ms", len(previews), slowest(previews))
	}
}
