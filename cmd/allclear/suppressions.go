package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

type suppressionsCommand struct {
	List   suppressionsListCommand   `cmd:"" help:"List the addresses to which nothing is sent."`
	Lift   suppressionsLiftCommand   `cmd:"" help:"Let an address be sent to again."`
	Export suppressionsExportCommand `cmd:"" help:"Write the list as CSV."`
}

// channelNamed is a channel by its name; it may be left out.
func channelNamed(name string) (stakeholders.Channel, error) {
	channel := stakeholders.Channel(name)
	if name != "" && channel.Class() == 0 {
		return "", misuse{fmt.Errorf("--channel is %q; it must be %s", name, stakeholders.List(stakeholders.Channels()))}
	}
	return channel, nil
}

type suppressionsListCommand struct {
	database `embed:""`
	Channel  string `name:"channel" help:"Only those of one channel, such as email."`
}

// Run prints the list for people.
func (c *suppressionsListCommand) Run(ctx context.Context, s *streams) error {
	channel, err := channelNamed(c.Channel)
	if err != nil {
		return err
	}
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "SINCE\tCHANNEL\tADDRESS\tREASON") // Flush reports what failed
		if err := p.EachSuppression(ctx, channel, func(one store.Suppression) error {
			_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", moment(one.Since), one.Channel, one.Address, one.Reason)
			return err
		}); err != nil {
			return err
		}
		return w.Flush()
	})
}

type suppressionsLiftCommand struct {
	database `embed:""`
	Channel  string `name:"channel" default:"email" help:"Channel of the address."`
	Basis    string `name:"basis" help:"Why they may be written to again; needed for who left."`
	Address  string `arg:"" help:"The address, as it is written or as the list has it."`
}

// Run lifts one suppression.
func (c *suppressionsLiftCommand) Run(ctx context.Context, s *streams) error {
	channel, err := channelNamed(c.Channel)
	if err != nil {
		return err
	}
	contact := stakeholders.Contact{Channel: channel, Address: c.Address}
	if address, err := stakeholders.NormalizeAddress(contact.Channel, c.Address); err == nil {
		contact.Address = address
	}
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		if err := p.LiftSuppression(ctx, operator, contact, c.Basis); err != nil {
			return faults(err)
		}
		_, err := fmt.Fprintln(s.err, "lifted")
		return err
	})
}

type suppressionsExportCommand struct {
	database `embed:""`
	Channel  string `name:"channel" help:"Only those of one channel, such as email."`
}

// Run writes the list for programs.
func (c *suppressionsExportCommand) Run(ctx context.Context, s *streams) error {
	channel, err := channelNamed(c.Channel)
	if err != nil {
		return err
	}
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		return p.ExportSuppressions(ctx, s.out, channel)
	})
}
