package publish

import (
	"testing"
	"time"
)

func TestPortionsTakeAboutTheirTime(t *testing.T) {
	p := newPortion()
	for range 10 {
		p.took(p.size(), time.Millisecond) // a fast disk
	}
	if n := p.size(); n != mostRows {
		t.Errorf("a fast disk is given %d rows", n)
	}
	p.took(p.size(), time.Second) // a pause of the machine: half at most
	if n := p.size(); n != mostRows/2 {
		t.Errorf("after a pause %d", n)
	}
	for range 10 {
		p.took(p.size(), time.Duration(p.size())*10*time.Microsecond)
	}
	if n := p.size(); n != int(portionTime/(10*time.Microsecond)) {
		t.Errorf("at 10 µs a row %d", n)
	}
	for range 10 {
		p.took(p.size(), time.Minute)
	}
	if n := p.size(); n != fewestRows {
		t.Errorf("a slow disk is given %d rows", n)
	}
	if p.took(p.size(), 0); p.size() != 2*fewestRows {
		t.Errorf("a clock that stands still gives %d", p.size())
	}
}
