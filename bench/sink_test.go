package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"
)

func TestSinkCountsWhatItTakes(t *testing.T) {
	sink := newSink(t, false, 0)
	receipt := sink.Expect(3)
	body := "Subject: Hello\r\n\r\n.hidden\r\n" + strings.Repeat("long ", 20_000) + "\r\n"
	for _, to := range []string{"ana@example.com", "bo@example.com", "ana@example.com"} {
		if err := smtp.SendMail(sink.Address(), nil, "status@acme.example", []string{to}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-receipt.complete:
	case <-time.After(time.Minute):
		t.Fatal("the messages did not come")
	}
	got := receipt.Total()
	if got.Messages != 3 || got.Distinct != 2 || got.Repeats != 1 || got.Size != len(body)+1 {
		t.Errorf("it counted %d messages, %d recipients, %d repeats of %d bytes", got.Messages, got.Distinct, got.Repeats, got.Size)
	}
	if string(got.Sample) != body {
		t.Errorf("it kept %q", got.Sample)
	}
	if got.First.IsZero() || !got.Last.After(got.First) {
		t.Errorf("the first came at %s, the last at %s", got.First, got.Last)
	}
	if sink.Expect(1).Total().Messages != 0 {
		t.Error("a new receipt begins with old messages")
	}
}

func TestSinkAnswersAGroupOfCommandsAtOnce(t *testing.T) {
	const roundTrip = 20 * time.Millisecond
	sink := newSink(t, true, roundTrip)
	receipt := sink.Expect(1)
	c, err := net.Dial("tcp", sink.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // the test is over
	answers := bufio.NewReader(c)
	for _, step := range []struct{ say, want string }{
		{"", "220"},
		{"EHLO localhost\r\n", "250-sink|250-PIPELINING|250-8BITMIME|250-ENHANCEDSTATUSCODES|250 SIZE"},
		{"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n", "250|250|354"},
		{"Subject: x\r\n\r\nx\r\n.\r\n", "250"},
		{"QUIT\r\n", "221"},
	} {
		began := time.Now()
		if _, err := io.WriteString(c, step.say); err != nil {
			t.Fatal(err)
		}
		for want := range strings.SplitSeq(step.want, "|") {
			if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, want) {
				t.Fatalf("after %q it said %q, %v, want %s", step.say, line, err, want)
			}
		}
		if took := time.Since(began); step.say != "" && took < roundTrip {
			t.Errorf("it answered %q after %s", step.say, took)
		}
	}
	if got := receipt.Total(); got.Messages != 1 || got.Distinct != 1 {
		t.Errorf("it counted %+v", got)
	}
}

func TestSinkSaysWhetherItPipelines(t *testing.T) {
	for _, pipelining := range []bool{true, false} {
		client, err := smtp.Dial(newSink(t, pipelining, 0).Address())
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := client.Extension("PIPELINING"); got != pipelining {
			t.Errorf("it says %t, want %t", got, pipelining)
		}
		if err := client.Quit(); err != nil {
			t.Error(err)
		}
	}
}

func TestReceiptEndsWithItsSender(t *testing.T) {
	sink := newSink(t, true, 0)
	receipt := sink.Expect(1)
	sender, err := Start(nil, "sh", "-c", "echo I give up")
	if err != nil {
		t.Fatal(err)
	}
	if err := receipt.Wait(t.Context(), sender); err == nil || !strings.Contains(fmt.Sprint(err), "0 of 1") || !strings.Contains(err.Error(), "I give up") {
		t.Errorf("it waited and said %v", err)
	}
}

func newSink(t *testing.T, pipelining bool, roundTrip time.Duration) *Sink {
	t.Helper()
	sink, err := NewSink(pipelining, roundTrip)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	})
	return sink
}
