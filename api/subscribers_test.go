package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/store"
)

func TestSubscriberCountsOnlyWhenConfirmedOrVouchedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type subscriber struct {
			ID, Mode   string
			Email      *string
			Components []string
			Skip       bool `json:"skip_confirmation_notification"`
			Allclear   struct {
				ConfirmedAt *string `json:"confirmed_at"`
				Basis       *string
			}
		}
		add := func(body string) subscriber {
			t.Helper()
			return decode[subscriber](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: body}))
		}
		asked := add(fmt.Sprintf(`{"subscriber":{"email":" Ana@Acme.Example ","component_ids":[%q]}}`, w.search.ID))
		if text(asked.Email) != "ana@acme.example" || asked.Mode != "email" || asked.Allclear.ConfirmedAt != nil || asked.Skip || !slices.Equal(asked.Components, []string{w.search.ID}) {
			t.Errorf("asked is %+v", asked)
		}
		vouched := add(`{"subscriber":{"email":"bo@acme.example","skip_confirmation_notification":true,"allclear":{"basis":"Contract of 2026-03-01"}}}`)
		if vouched.Allclear.ConfirmedAt == nil || text(vouched.Allclear.Basis) != "Contract of 2026-03-01" || !vouched.Skip {
			t.Errorf("vouched for is %+v", vouched)
		}
		if named := add(`{"subscriber":{"email":"cy@acme.example","skip_confirmation_notification":true}}`); !strings.Contains(text(named.Allclear.Basis), "manage") {
			t.Errorf("the basis does not name the token: %+v", named)
		}
		list := decode[[]subscriber](t, w.want(http.StatusOK, call{method: "GET", path: "%p/subscribers?limit=2&page=1", scope: auth.ScopePost}))
		if len(list) != 1 {
			t.Errorf("the second page, of 2 each, has %+v", list)
		}
		if one := decode[subscriber](t, w.want(http.StatusOK, call{method: "GET", path: "%p/subscribers/" + vouched.ID, scope: auth.ScopePost})); text(one.Email) != "bo@acme.example" {
			t.Errorf("read %+v", one)
		}
		if err := w.store.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), "email", "left@acme.example", "unsubscribed")
		}); err != nil {
			t.Fatal(err)
		}
		got := w.want(http.StatusConflict, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"left@acme.example","skip_confirmation_notification":true}}`})
		if !strings.Contains(decode[fault](t, got).Detail, "only its owner can come back") {
			t.Errorf("who left cannot be brought back, but the answer is %s", got.body)
		}
	})
}

func TestSubscriberNamesEveryFieldThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cases := []bad{
			{`{}`, "subscriber", "is missing"},
			{`{"subscriber":{}}`, "subscriber.email", "is missing"},
			{`{"subscriber":{"email":""}}`, "subscriber.email", "is missing"},
			{`{"subscriber":{"email":7}}`, "subscriber.email", "is a number"},
			{`{"subscriber":{"email":["a@acme.example"]}}`, "subscriber.email", "is a list"},
			{`{"subscriber":{"email":"a@acme.example","component_ids":7}}`, "subscriber.component_ids", "is a number; it must be a list"},
			{`{"subscriber":{"email":"a@acme.example","component_ids":["nothing"]}}`, "subscriber.component_ids", "not a component of this page"},
			{`{"subscriber":{"email":"a@acme.example","skip_confirmation_notification":"yes"}}`, "subscriber.skip_confirmation_notification", "must be true or false"},
			{`{"subscriber":{"phone_number":"+34600000000","phone_country":"ES"}}`, "subscriber.phone_number", "not offered yet"},
			{`{"subscriber":{"endpoint":"https://acme.example/topsecret"}}`, "subscriber.email", "is missing"},
			{`{"subscriber":{"endpoint":7,"email":"a@acme.example"}}`, "subscriber.endpoint", "is a number"},
			{`{"subscriber":{"endpoint":"ftp://acme.example/topsecret","email":"a@acme.example"}}`, "subscriber.endpoint", "must begin with https://"},
			{`{"subscriber":{"endpoint":"https://10.0.0.7/topsecret","email":"a@acme.example"}}`, "subscriber.endpoint", "not on the public internet"},
			{`{"subscriber":{"endpoint":"https://acme.example:22/topsecret","email":"a@acme.example"}}`, "subscriber.endpoint", "--webhook-allow"},
			{`{"subscriber":{"endpoint":"https://acme.example/topsecret","email":"ana"}}`, "subscriber.email", "is not an email address"},
		}
		for _, address := range []string{"ana", "@acme.example", "ana@", "a b@acme.example", "a@b@acme.example", "a@acme..example", "ana@acme.example, bo@acme.example",
			`a@acme.example\r\nBcc: b@acme.example`, `a\r\nBcc: b@acme.example`, `a@acme.example\u0000`, "<a@acme.example>", `\"a\"@acme.example`,
			strings.Repeat("a", 65) + "@acme.example", "a@" + strings.Repeat("a.", 130) + "example"} {
			cases = append(cases, bad{`{"subscriber":{"email":"` + address + `"}}`, "subscriber.email", "is not an email address"})
		}
		cases = append(cases, wrongText(`{"subscriber":{"email":"a@acme.example","allclear":{"basis":%s}}}`, "subscriber.allclear.basis", 255, false)...)
		w.refuse("POST", "%p/subscribers", cases)
	})
}

func TestWebhookIsASubscriberWhoseAddressStaysSecret(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		add := func(body string) answer {
			t.Helper()
			return w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: body})
		}
		got := add(`{"subscriber":{"endpoint":" https://Hooks.Acme.example/topsecret ","email":" Ops@Acme.example","skip_confirmation_notification":true}}`)
		type subscriber struct {
			ID, Mode        string
			Email, Endpoint *string
			Allclear        struct {
				ConfirmedAt   *string `json:"confirmed_at"`
				SigningSecret *string `json:"signing_secret"`
			}
		}
		made := decode[subscriber](t, got)
		if made.Mode != "webhook" || text(made.Email) != "ops@acme.example" || text(made.Endpoint) != "hooks.acme.example" || made.Allclear.ConfirmedAt == nil {
			t.Errorf("made %s", got.body)
		}
		again := decode[subscriber](t, add(`{"subscriber":{"endpoint":"https://hooks.acme.example/topsecret","email":"dev@acme.example"}}`))
		if again.ID != made.ID || text(again.Email) != "dev@acme.example" || again.Allclear.ConfirmedAt == nil {
			t.Errorf("again %+v", again)
		}
		asked := decode[subscriber](t, add(`{"subscriber":{"endpoint":"https://hooks.acme.example/other","email":"ops@acme.example"}}`))
		if asked.ID == made.ID || asked.Allclear.ConfirmedAt != nil {
			t.Errorf("asked %+v", asked)
		}
		if !strings.HasPrefix(text(made.Allclear.SigningSecret), "whsec_") || text(again.Allclear.SigningSecret) != text(made.Allclear.SigningSecret) ||
			text(asked.Allclear.SigningSecret) == text(made.Allclear.SigningSecret) {
			t.Errorf("signing secrets %+v, %+v, %+v", made.Allclear, again.Allclear, asked.Allclear)
		}
		list := w.want(http.StatusOK, call{method: "GET", path: "%p/subscribers", scope: auth.ScopePost})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopeManage, body: fmt.Sprintf(
			`{"incident":{"name":"Search fails","body":"Search fails for all since 10:42 UTC.","components":{%q:"major_outage"}}}`, w.search.ID)})
		w.expand()
		ledger := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?channel=webhook", scope: auth.ScopePost})
		rows := decode[[]struct {
			Incident          *string
			Person, Address   string
			Channel, Quadrant string
		}](t, ledger)
		if len(rows) != 2 || rows[0].Address != "webhook" || rows[0].Person != "subscriber:"+made.ID || (rows[0].Incident == nil) == (rows[1].Incident == nil) {
			t.Errorf("ledger %s", ledger.body)
		}
		for _, shown := range []string{got.body, list.body, ledger.body, w.log.String()} {
			if strings.Contains(shown, "topsecret") || shown != got.body && strings.Contains(shown, "whsec_") {
				t.Errorf("shows the secret: %s", shown)
			}
		}
		page := w.want(http.StatusOK, call{method: "GET", path: "%p", scope: auth.ScopeRead})
		if !strings.Contains(page.body, `"allow_webhook_subscribers":true`) {
			t.Errorf("page %s", page.body)
		}
	})
}

// chosen is a subscriber with what they get.
type chosen struct {
	ID         string
	Components []string
	Allclear   struct {
		ConfirmedAt     *string `json:"confirmed_at"`
		UnsubscribedAt  *string `json:"unsubscribed_at"`
		Segment         string
		LeastImpact     *string `json:"least_impact"`
		StartAndEndOnly bool    `json:"start_and_end_only"`
		EveryUpdate     bool    `json:"every_update"`
		DailyDigest     bool    `json:"daily_digest"`
		QuietHours      *string `json:"quiet_hours"`
		TimeZone        *string `json:"time_zone"`
		Language        *string
	}
}

func TestSubscriberIsChangedAndTakenOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		do := func(method, path string, code int, body string) chosen {
			t.Helper()
			return decode[chosen](t, w.want(code, call{method: method, path: "%p/subscribers" + path, scope: auth.ScopeManage, body: body}))
		}
		made := do("POST", "", 201, `{"subscriber":{"email":"ana@acme.example","allclear":{"least_impact":"major","quiet_hours":"9:30-10:00","time_zone":"Europe/Madrid","language":"es"}}}`)
		own := made.Allclear
		if text(own.LeastImpact) != "major" || text(own.QuietHours) != "09:30-10:00" || text(own.TimeZone) != "Europe/Madrid" || text(own.Language) != "es" || own.Segment != "Customers" {
			t.Errorf("made %+v", own)
		}
		path := "/" + made.ID
		changed := do("PATCH", path, 200, fmt.Sprintf(`{"subscriber":{"component_ids":[%q],"allclear":{"daily_digest":true,"quiet_hours":null,"segment":"Customers"}}}`, w.search.ID))
		own = changed.Allclear
		if !own.DailyDigest || own.QuietHours != nil || text(own.Language) != "es" || text(own.LeastImpact) != "major" || !slices.Equal(changed.Components, []string{w.search.ID}) {
			t.Errorf("changed %+v", changed)
		}
		if bare := do("PUT", path, 200, `{"component_ids":[],"allclear":{"daily_digest":false,"every_update":true}}`); len(bare.Components) != 0 || !bare.Allclear.EveryUpdate || bare.Allclear.DailyDigest {
			t.Errorf("without an envelope %+v", bare)
		}
		if again := do("POST", path+"/resend_confirmation", 201, ""); again.ID != made.ID || again.Allclear.ConfirmedAt != nil {
			t.Errorf("asked again %+v", again)
		}
		if off := do("DELETE", path, 200, ""); off.Allclear.UnsubscribedAt == nil {
			t.Errorf("taken off %+v", off)
		}
		for _, c := range []call{{method: "PATCH", path: "%p/subscribers" + path, body: `{}`}, {method: "POST", path: "%p/subscribers" + path + "/resend_confirmation"}} {
			c.scope = auth.ScopeManage
			if got := w.want(http.StatusConflict, c); !strings.Contains(got.body, "not subscribed any more") {
				t.Errorf("%s of who was taken off: %s", c.method, got.body)
			}
		}
		if back := do("POST", "", 201, `{"subscriber":{"email":"ana@acme.example","skip_confirmation_notification":true}}`); back.ID != made.ID || back.Allclear.UnsubscribedAt != nil || back.Allclear.ConfirmedAt == nil {
			t.Errorf("added again %+v", back)
		}
		if got := w.want(http.StatusConflict, call{method: "POST", path: "%p/subscribers" + path + "/resend_confirmation", scope: auth.ScopeManage}); !strings.Contains(got.body, "confirmed already") {
			t.Errorf("who confirmed is asked again: %s", got.body)
		}
		for _, c := range []call{{method: "PATCH", body: `{}`}, {method: "DELETE"}} {
			c.path, c.scope = "%p/subscribers/nothere00000", auth.ScopeManage
			w.want(http.StatusNotFound, c)
		}
	})
}

func TestSubscribersWishesAreCheckedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		own := func(wishes, field, words string) bad {
			return bad{`{"subscriber":{"email":"a@acme.example","allclear":{` + wishes + `}}}`, "subscriber.allclear." + field, words}
		}
		cases := []bad{
			own(`"least_impact":"huge"`, "least_impact", "must be minor, major or critical"),
			own(`"every_update":true,"start_and_end_only":true`, "every_update", "together with start_and_end_only"),
			own(`"every_update":true,"daily_digest":true`, "daily_digest", "together with every_update"),
			own(`"start_and_end_only":true,"daily_digest":true`, "daily_digest", "together with start_and_end_only"),
			own(`"daily_digest":"yes"`, "daily_digest", "must be true or false"),
			own(`"quiet_hours":"22:00"`, "quiet_hours", "two different times such as 22:00-07:00"),
			own(`"quiet_hours":"07:00-07:00"`, "quiet_hours", "two different times"),
			own(`"time_zone":"Europe/Atlantis"`, "time_zone", "must be a name such as Europe/Madrid"),
			own(`"language":"tlh"`, "language", "must be one of en"),
			own(`"segment":"Martians"`, "segment", "no segment of the register"),
			own(`"dayly_digest":true`, "dayly_digest", "is not known; it must be one of least_impact, start_and_end_only, every_update, daily_digest, "),
		}
		w.refuse("POST", "%p/subscribers", cases)
		made := decode[chosen](t, w.want(201, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"bo@acme.example"}}`}))
		w.refuse("PATCH", "%p/subscribers/"+made.ID, cases)
		// What answers have may come back, and Statuspage's clients send fields that mean nothing here.
		kept := w.want(http.StatusOK, call{method: "GET", path: "%p/subscribers/" + made.ID, scope: auth.ScopeManage}).body
		w.want(http.StatusOK, call{method: "PATCH", path: "%p/subscribers/" + made.ID, scope: auth.ScopeManage, body: `{"subscriber":` + kept + `}`})
		w.want(http.StatusOK, call{method: "PATCH", path: "%p/subscribers/" + made.ID, scope: auth.ScopeManage, body: kept})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage,
			body: `{"subscriber":{"email":"cy@acme.example","phone_country":"us","page_access_user":"x","allclear":{"basis":"Contract"}}}`})
		hook := func(wishes, field string) bad {
			return bad{`{"subscriber":{"endpoint":"https://acme.example/x","email":"a@acme.example","allclear":{` + wishes + `}}}`, "subscriber.allclear." + field, "cannot be asked for by a webhook"}
		}
		w.refuse("POST", "%p/subscribers", []bad{hook(`"daily_digest":true`, "daily_digest"), hook(`"quiet_hours":"22:00-07:00"`, "quiet_hours")})
	})
}

func TestWebhookThatWasLeftAloneIsShownAndReactivated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type subscriber struct {
			ID            string
			QuarantinedAt *string `json:"quarantined_at"`
			PurgeAt       *string `json:"purge_at"`
		}
		made := decode[subscriber](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage,
			body: `{"subscriber":{"endpoint":"https://hooks.acme.example/topsecret","email":"ops@acme.example","skip_confirmation_notification":true}}`}))
		if err := w.store.InTx(t.Context(), func(tx *store.Tx) error {
			s, err := tx.Subscriber(t.Context(), made.ID)
			if err != nil {
				return err
			}
			s.QuarantinedAt = tx.Now()
			return tx.SaveSubscriber(t.Context(), s)
		}); err != nil {
			t.Fatal(err)
		}
		shown := decode[subscriber](t, w.want(http.StatusOK, call{method: "GET", path: "%p/subscribers/" + made.ID, scope: auth.ScopePost}))
		if made.QuarantinedAt != nil || made.PurgeAt != nil || shown.QuarantinedAt == nil || shown.PurgeAt == nil {
			t.Errorf("made %+v, shown %+v", made, shown)
		}
		for range 2 { // twice is no error
			back := decode[subscriber](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers/" + made.ID + "/reactivate", scope: auth.ScopeManage}))
			if back.ID != made.ID || back.QuarantinedAt != nil || back.PurgeAt != nil {
				t.Errorf("back %+v", back)
			}
		}
		w.want(http.StatusNotFound, call{method: "POST", path: "%p/subscribers/000000000000/reactivate", scope: auth.ScopeManage})
		if err := w.store.InTx(t.Context(), func(tx *store.Tx) error {
			s, err := tx.Subscriber(t.Context(), made.ID)
			if err != nil {
				return err
			}
			s.QuarantinedAt = tx.Now()
			return tx.SaveSubscriber(t.Context(), s)
		}); err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			host string
			n    int
		}{{"elsewhere.example", 0}, {"Hooks.acme.example", 1}, {"hooks.acme.example", 0}} {
			got := decode[struct{ Reactivated int }](t, w.want(http.StatusOK, call{method: "POST", path: "%p/subscribers/reactivate", scope: auth.ScopeManage, body: fmt.Sprintf(`{"host":%q}`, one.host)}))
			if got.Reactivated != one.n {
				t.Errorf("at %s are reactivated %d, want %d", one.host, got.Reactivated, one.n)
			}
		}
		if back := decode[subscriber](t, w.want(http.StatusOK, call{method: "GET", path: "%p/subscribers/" + made.ID, scope: auth.ScopePost})); back.QuarantinedAt != nil {
			t.Errorf("reactivated by its host %+v", back)
		}
		for _, body := range []string{`{}`, `{"host":"https://hooks.acme.example/x"}`, `{"hosts":"x","host":"hooks.acme.example"}`} {
			w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/subscribers/reactivate", scope: auth.ScopeManage, body: body})
		}
	})
}

func TestAChatIsAddedByItsAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type subscriber struct {
			ID, Mode              string
			Email, Endpoint       *string
			ObfuscatedChannelName *string `json:"obfuscated_channel_name"`
		}
		got := w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage,
			body: `{"subscriber":{"endpoint":"https://discord.com/api/webhooks/1/topsecret","allclear":{"channel":"discord"}}}`})
		if made := decode[subscriber](t, got); made.Mode != "discord" || text(made.ObfuscatedChannelName) != "discord.com" || made.Email != nil || strings.Contains(got.body, "topsecret") {
			t.Errorf("made %s", got.body)
		}
		w.refuse("POST", "%p/subscribers", []bad{
			{`{"subscriber":{"endpoint":"https://discord.com/api/webhooks/1/topsecret","email":"ops@acme.example"}}`, "subscriber.endpoint", "give allclear.channel as discord"},
			{`{"subscriber":{"endpoint":"https://discord.com/api/webhooks/1/topsecret","allclear":{"channel":"slack"}}}`, "subscriber.endpoint", "name it discord"},
			{`{"subscriber":{"endpoint":"https://10.0.0.7/hooks/topsecret","allclear":{"channel":"mattermost"}}}`, "subscriber.endpoint", "not on the public internet"},
			{`{"subscriber":{"endpoint":"https://acme.example/topsecret","allclear":{"channel":"pigeon"}}}`, "subscriber.allclear.channel", "must be webhook, slack, discord"},
		})
	})
}
