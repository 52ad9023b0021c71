package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/allclear-status/allclear/bench"
)

// The made-up company: what its status page lists, and a bad week.
var groups = []struct {
	name       string
	components []string
}{
	{"Shop", []string{"Website", "Search", "Checkout", "Accounts", "Order emails"}},
	{"Payments", []string{"Card payments", "Bank transfer", "Invoices", "Refunds"}},
	{"For developers", []string{"Orders interface", "Catalogue interface", "Webhooks", "Documentation"}},
	{"Help", []string{"Telephone", "Chat", "Help pages"}},
}

// trouble is one incident that is over.
type trouble struct{ component, name, began, cause, better, over string }

var past = []trouble{
	{"Search", "Search results are slow", "Search takes up to 20 seconds for about a third of visitors. Browsing by category works as usual.",
		"We know why search is slow and are adding room. No estimate yet.", "Search answers at its usual speed again. We are watching it.",
		"Search has worked normally for half an hour. Nothing was lost, and there is nothing you need to do."},
	{"Order emails", "Order emails arrive late", "Emails that confirm an order arrive up to two hours late. The orders themselves are safe.",
		"The company that carries our email has a backlog. We are sending through a second one.", "New emails arrive at once. Older ones are still on their way.",
		"All emails have been delivered. If yours is missing, look under Orders in your account."},
	{"Refunds", "Refunds are not started", "Refunds asked for today are not started yet. No money is lost.",
		"A change of this morning stopped refunds. We are taking it back.", "Refunds are being started again, the oldest first.",
		"Every refund has been started. Your bank may take three days to show it."},
	{"Chat", "Chat is closed", "Our chat cannot be opened. The telephone is open as usual.",
		"The chat stopped after a fault in its computer centre. We are moving it.", "Chat is open again. Answers may take longer than usual.",
		"Chat is open and answers at its usual speed."},
	{"Catalogue interface", "Some prices are out of date", "About one in fifty prices read by programs is from yesterday. Prices in the shop are right.",
		"One of our copies of the catalogue was not updated. We are updating it now.", "All prices are right again. We are checking them.",
		"All prices have been checked and are right."},
	{"Website", "Pictures are missing", "Some pictures of products do not show. Everything can be ordered.",
		"A store of pictures is full. We are making room.", "Pictures show again.", "All pictures show, new ones too."},
	{"Bank transfer", "Bank transfers are booked late", "Transfers that arrived since this morning are not booked yet.",
		"Our bank sends its statements late. It expects to send them in the afternoon.", "Statements have come and are being booked.",
		"All transfers have been booked. No order was cancelled for a late transfer."},
}

var now = []string{
	"Card payments fail for all customers. Bank transfer works.",
	"Card payments still fail. The company that handles cards for us has confirmed a fault and is working on it.",
	"About half of card payments work again. If yours fails, wait a few minutes before you try again: nobody is charged twice.",
}

// seed makes the page through the managing door: nobody is told anything.
func seed(ctx context.Context, s *bench.Server) error {
	if err := s.Manage(ctx, http.MethodPatch, "", object{"page": object{"name": "Acme"}}, nil); err != nil {
		return err
	}
	ids := map[string]string{}
	for _, group := range groups {
		var members []string
		for _, name := range group.components {
			id, err := create(ctx, s, "/components", object{"component": object{"name": name, "showcase": true}})
			if err != nil {
				return err
			}
			ids[name], members = id, append(members, id)
		}
		if _, err := create(ctx, s, "/component-groups", object{"component_group": object{"name": group.name, "components": members}}); err != nil {
			return err
		}
	}
	for _, t := range past {
		if err := t.tell(ctx, s, ids[t.component]); err != nil {
			return err
		}
	}
	return open(ctx, s, ids["Card payments"], ids["Checkout"])
}

// tell makes an incident and ends it.
func (t trouble) tell(ctx context.Context, s *bench.Server, component string) error {
	id, err := create(ctx, s, "/incidents", incident(object{"name": t.name, "body": t.began, "components": object{component: "partial_outage"}}))
	if err != nil {
		return err
	}
	for _, update := range []object{
		{"status": "identified", "body": t.cause},
		{"status": "monitoring", "body": t.better, "components": object{component: "degraded_performance"}},
		{"status": "resolved", "body": t.over, "components": object{component: "operational"}},
	} {
		if err := s.Manage(ctx, http.MethodPatch, "/incidents/"+id, incident(update), nil); err != nil {
			return err
		}
	}
	return nil
}

// open makes the incident of the day.
func open(ctx context.Context, s *bench.Server, payments, checkout string) error {
	id, err := create(ctx, s, "/incidents", incident(object{"name": "Card payments fail", "body": now[0],
		"components": object{payments: "major_outage", checkout: "degraded_performance"}}))
	if err != nil {
		return err
	}
	for _, body := range now[1:] {
		if err := s.Manage(ctx, http.MethodPatch, "/incidents/"+id, incident(object{"status": "identified", "body": body}), nil); err != nil {
			return err
		}
	}
	return nil
}

type object map[string]any

func incident(of object) object {
	of["deliver_notifications"] = false
	return object{"incident": of}
}

// create posts something and returns its id.
func create(ctx context.Context, s *bench.Server, path string, in object) (string, error) {
	var made struct {
		ID string `json:"id"`
	}
	if err := s.Manage(ctx, http.MethodPost, path, in, &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		return "", fmt.Errorf("POST %s answered without an id", path)
	}
	return made.ID, nil
}
