package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDeliveriesNameTheIncidentAsPeopleDo(t *testing.T) {
	rows := []json.RawMessage{
		[]byte(`{"notice_id":7,"incident":"k4m8x2t9vqzd","incident_number":"INC-2","event":"opened","channel":"email","address":"ana@acme.example","state":"failed"}`),
		[]byte(`{"notice_id":8,"incident":null,"incident_number":null,"event":"review_due","channel":"email","address":"ana@acme.example","state":"failed"}`),
	}
	var table, accounts strings.Builder
	if err := printDeliveries(&table, rows); err != nil {
		t.Fatal(err)
	}
	if err := printAccounts(&accounts, rows); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(table.String(), "\n")
	if got := strings.Fields(lines[1]); got[1] != "INC-2" {
		t.Errorf("the first line is %q", got)
	}
	if got := strings.Fields(lines[2]); got[1] != "-" {
		t.Errorf("the second line is %q", got)
	}
	if got := accounts.String(); !strings.Contains(got, "notice 7  INC-2 opened  ana@acme.example by email") || strings.Contains(table.String()+got, "k4m8x2t9vqzd") {
		t.Errorf("the accounts are:\n%s", got)
	}
}
