package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
)

// headers are those of a message, in the form of Standard Webhooks
// (standardwebhooks.com): an id that is the same at every attempt, so that a
// receiver knows a repetition, the time of this attempt, and a signature of
// both with the body.
func headers(to notify.Recipient, body []byte, now time.Time) http.Header {
	id, at := messageID(to.MessageID), strconv.FormatInt(now.Unix(), 10)
	h := http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"Allclear"},
		"Webhook-Id": {id}, "Webhook-Timestamp": {at},
	}
	if len(to.SigningKey) > 0 {
		h["Webhook-Signature"] = []string{sign(to.SigningKey, id, at, body)}
	}
	return h
}

// messageID is the part of a Message-ID that tells messages apart, without full
// stops: they part what is signed.
func messageID(id string) string {
	id, _, _ = strings.Cut(id, "@")
	return strings.ReplaceAll(id, ".", "_")
}

func sign(key []byte, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
