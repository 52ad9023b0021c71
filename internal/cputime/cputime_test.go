package cputime

import (
	"runtime"
	"testing"
	"time"
)

func TestWorkIsCountedAndRestIsNot(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells threads apart")
	}
	if rested := Of(func() { time.Sleep(200 * time.Millisecond) }); rested > 100*time.Millisecond {
		t.Errorf("a rest of 200ms kept the processor for %v", rested)
	}
	worked := Of(func() {
		for began := spent(); spent()-began < 20*time.Millisecond; {
		}
	})
	if worked < 20*time.Millisecond {
		t.Errorf("work of 20ms kept the processor for %v", worked)
	}
}
