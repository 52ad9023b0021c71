package webhook

import (
	"context"
	"encoding/base64"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/allclear-status/allclear/notify"
)

var signingKey = []byte("thirty-two bytes of a signing key")

// What others wrote to receive Standard Webhooks takes what we send.
func TestReceiversCanCheckTheSignature(t *testing.T) {
	s := startReceiver(t, accept)
	to := recipient(s.URL, 1)
	to.SigningKey = signingKey
	post(t, context.Background(), newTestChannel(t, Config{}), to)
	got := s.messages()
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	m := got[0]
	verifier := func(key []byte) *standardwebhooks.Webhook {
		v, err := standardwebhooks.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString(key))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if err := verifier(signingKey).Verify(m.body, m.header); err != nil {
		t.Errorf("%v: %v", m.header, err)
	}
	if err := verifier([]byte("somebody else's key")).Verify(m.body, m.header); err == nil {
		t.Error("another key signs the same")
	}
	if err := verifier(signingKey).Verify(append(m.body, ' '), m.header); err == nil {
		t.Error("another body has the same signature")
	}
	for name, value := range map[string]string{"Webhook-Id": "7_2", "Webhook-Timestamp": strconv.FormatInt(time.Now().Unix()+1, 10)} {
		changed := m.header.Clone()
		changed.Set(name, value)
		if err := verifier(signingKey).Verify(m.body, changed); err == nil {
			t.Errorf("%s is not signed", name)
		}
	}
}

// The example of the specification.
func TestSignatureIsThatOfTheSpecification(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	to := notify.Recipient{MessageID: "msg_p5jXN8AQM9LWM0D4loKWxJek@status.acme.example", SigningKey: key}
	h := headers(to, []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0))
	for name, want := range map[string]string{"Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp": "1614265330",
		"Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="} {
		if h.Get(name) != want {
			t.Errorf("%s: %s, not %s", name, h.Get(name), want)
		}
	}
}

func TestARepetitionIsSignedAnewWithTheSameId(t *testing.T) {
	to := notify.Recipient{MessageID: "7.1@status.acme.example", SigningKey: signingKey}
	first, second := headers(to, []byte("{}"), time.Unix(1, 0)), headers(to, []byte("{}"), time.Unix(61, 0))
	if first.Get("Webhook-Id") != second.Get("Webhook-Id") || first.Get("Webhook-Signature") == second.Get("Webhook-Signature") {
		t.Errorf("%v, %v", first, second)
	}
	to.SigningKey = nil
	if h := headers(to, []byte("{}"), time.Unix(1, 0)); h["Webhook-Signature"] != nil || h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("User-Agent") != "Allclear" {
		t.Errorf("%v", h)
	}
}
