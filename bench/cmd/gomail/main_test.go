package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSampleIsReadBackAsItWasSent(t *testing.T) {
	want := letter{subject: "Störung", text: "Card payments fail – again.\r\n", html: "<p>Card payments fail.</p>\r\n"}
	var sent bytes.Buffer
	message, err := want.to(7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := message.WriteTo(&sent); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"reader7@example.com", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "multipart/alternative"} {
		if !strings.Contains(sent.String(), part) {
			t.Errorf("the message lacks %q", part)
		}
	}
	file := filepath.Join(t.TempDir(), "sample.eml")
	if err := os.WriteFile(file, sent.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := read(file)
	if err != nil || got.subject != want.subject || strings.TrimSpace(got.text) != strings.TrimSpace(want.text) || strings.TrimSpace(got.html) != strings.TrimSpace(want.html) {
		t.Errorf("read %+v, %v", got, err)
	}
}
