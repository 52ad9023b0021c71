package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/statuspage"
)

// listSubscribers handles GET /subscribers; its pages count from 0.
func (a *api) listSubscribers(c *fiber.Ctx) error {
	w, err := readWindow(c, 0)
	if err != nil {
		return err
	}
	subscribers, err := a.store.Subscribers(c.UserContext(), w.limit, w.offset)
	if err != nil {
		return err
	}
	list := make([]statuspage.Subscriber, len(subscribers))
	for i, s := range subscribers {
		list[i] = statuspage.ManageSubscriber(page(c), s)
	}
	return send(c, http.StatusOK, list)
}

// getSubscriber handles GET /subscribers/:id.
func (a *api) getSubscriber(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	subscriber, err := a.store.Subscriber(c.UserContext(), id)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageSubscriber(page(c), subscriber))
}

// addSubscriber handles POST /subscribers.
func (a *api) addSubscriber(c *fiber.Ctx) error {
	in, err := readSubscription(c)
	if err != nil {
		return err
	}
	subscriber, err := a.publish.AddSubscriber(c.UserContext(), actor(c), in)
	if err != nil {
		return err
	}
	shown := statuspage.ManageSubscriber(page(c), subscriber)
	if secret := a.publish.SigningSecret(subscriber); secret != "" {
		shown.Allclear.SigningSecret = &secret
	}
	return send(c, http.StatusCreated, shown)
}

// changeSubscriber handles PATCH and PUT /subscribers/:id.
func (a *api) changeSubscriber(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	in := body // Statuspage's clients send the fields without an envelope
	if inner := body.object("subscriber", `an object such as {"component_ids": []}`); inner != nil {
		in = inner
	}
	patch := readSubscriberPatch(in, nil)
	if ids := in.texts("component_ids", "component ids"); ids != nil || in.isNull("component_ids") {
		patch.Components = &ids
	}
	if err := body.bad.Err(); err != nil {
		return err
	}
	subscriber, err := a.publish.ChangeSubscriber(c.UserContext(), actor(c), id, patch)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageSubscriber(page(c), subscriber))
}

// removeSubscriber handles DELETE /subscribers/:id.
func (a *api) removeSubscriber(c *fiber.Ctx) error {
	return a.actOnSubscriber(c, http.StatusOK, a.publish.RemoveSubscriber)
}

// askSubscriberAgain handles POST /subscribers/:id/resend_confirmation.
func (a *api) askSubscriberAgain(c *fiber.Ctx) error {
	return a.actOnSubscriber(c, http.StatusCreated, a.publish.AskAgain)
}

// reactivateSubscriber handles POST /subscribers/:id/reactivate.
func (a *api) reactivateSubscriber(c *fiber.Ctx) error {
	return a.actOnSubscriber(c, http.StatusCreated, a.publish.Reactivate)
}

// reactivated is how many webhooks are sent to again.
type reactivated struct {
	Host        string `json:"host"`
	Reactivated int    `json:"reactivated"`
}

// reactivateHost handles POST /subscribers/reactivate.
func (a *api) reactivateHost(c *fiber.Ctx) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	body.only([]string{"host"}, nil)
	host := body.words("host")
	if host == "" && len(body.bad.Fields) == 0 {
		body.bad.Add("host", `is missing; send {"host": "hooks.example.com"}`)
	}
	if strings.ContainsAny(host, "/@: ") {
		body.bad.Add("host", "is %q; it must be a host alone, such as hooks.example.com", cut(host, 100))
	}
	if err := body.bad.Err(); err != nil {
		return err
	}
	n, err := a.publish.ReactivateHost(c.UserContext(), actor(c), host)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, reactivated{host, n})
}

func (a *api) actOnSubscriber(c *fiber.Ctx, code int, act func(context.Context, auth.Actor, string) (stakeholders.Subscriber, error)) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	subscriber, err := act(c.UserContext(), actor(c), id)
	if err != nil {
		return err
	}
	return send(c, code, statuspage.ManageSubscriber(page(c), subscriber))
}

// The fields of ours that say what a subscriber gets, and those that only
// answers have.
var (
	subscriberFields   = []string{"least_impact", "start_and_end_only", "every_update", "daily_digest", "quiet_hours", "time_zone", "language", "segment"}
	subscriberAnswered = []string{"confirmed_at", "unsubscribed_at", "basis", "signing_secret"}
)

// readSubscriberPatch reads what a subscriber gets beyond the components. Null
// takes a choice back. More are fields that are read elsewhere.
func readSubscriberPatch(in *object, more []string) publish.SubscriberPatch {
	own := in.allclear()
	own.only(slices.Concat(subscriberFields, more), subscriberAnswered)
	choice := func(name string) *string {
		if own.isNull(name) {
			return new(string)
		}
		return own.text(name)
	}
	return publish.SubscriberPatch{
		LeastImpact: choice("least_impact"), StartAndEndOnly: own.truth("start_and_end_only"), EveryUpdate: own.truth("every_update"),
		DailyDigest: own.truth("daily_digest"), QuietHours: choice("quiet_hours"), TimeZone: choice("time_zone"), Language: choice("language"),
		Segment: own.text("segment"),
	}
}

func readSubscription(c *fiber.Ctx) (publish.Subscription, error) {
	body, err := readBody(c)
	if err != nil {
		return publish.Subscription{}, err
	}
	in := body.envelope("subscriber", `{"email": "ana@example.com"}`)
	subscription := publish.Subscription{Channel: stakeholders.Email, Address: in.words("email"),
		Components: in.texts("component_ids", "component ids"), Further: readSubscriberPatch(in, []string{"basis", "channel"}), Basis: in.allclear().words("basis")}
	if endpoint := in.words("endpoint"); endpoint != "" {
		subscription.Channel, subscription.Address, subscription.Email = stakeholders.Webhook, endpoint, subscription.Address
		switch channel := stakeholders.Channel(in.allclear().words("channel")); {
		case channel.Chat():
			subscription.Channel = channel
		case channel != "" && channel != stakeholders.Webhook:
			in.bad.Add(in.at("allclear.channel"), "is %q; it must be webhook, %s", cut(string(channel), 50), stakeholders.List(stakeholders.ChatChannels()))
		}
	}
	if in.words("phone_number") != "" {
		in.bad.Add(in.at("phone_number"), "is given; text messages are not offered yet, give an email address")
	}
	if subscription.Address == "" && len(in.bad.Fields) == 0 {
		in.bad.Add(in.at("email"), "is missing; give an address such as ana@example.com")
	}
	if skip := in.truth("skip_confirmation_notification"); skip != nil {
		subscription.Confirmed = *skip
	}
	return subscription, body.bad.Err()
}
