package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

type stakeholdersCommand struct {
	Import stakeholdersImportCommand `cmd:"" help:"Make the register what a file says."`
	Export stakeholdersExportCommand `cmd:"" help:"Write the register to a file."`
}

type stakeholdersImportCommand struct {
	database `embed:""`
	DryRun   bool   `name:"dry-run" help:"Only print what would change."`
	File     string `arg:"" help:"stakeholders.yaml, or - for standard input."`
}

// Run prints each addition, change and removal, and carries them out unless it
// is a dry run.
func (c *stakeholdersImportCommand) Run(ctx context.Context, s *streams) error {
	document, err := readInput(c.File, s.in)
	if err != nil {
		return err
	}
	return c.withStore(ctx, false, func(_ *store.Store, p *publish.Publisher) error {
		plan, err := p.ImportRegister(ctx, operator, document, c.DryRun)
		if err != nil {
			return err
		}
		return printPlan(s.out, plan)
	})
}

func printPlan(w io.Writer, plan stakeholders.Plan) error {
	for _, change := range plan.Changes {
		if _, err := fmt.Fprintf(w, "%-6s  %s\n", change.Action, change.Name); err != nil {
			return err
		}
		for _, detail := range change.Details {
			if _, err := fmt.Fprintf(w, "          %s\n", detail); err != nil {
				return err
			}
		}
	}
	if len(plan.Changes) == 0 {
		_, err := fmt.Fprintln(w, "nothing to change")
		return err
	}
	return nil
}

// readInput reads a file, or standard input for "-".
func readInput(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(name)
}

type stakeholdersExportCommand struct {
	database `embed:""`
	File     string `arg:"" help:"Where to write, or - for standard output."`
}

// Run writes the register as the import takes it. Addresses that are secrets
// are read back from their seal, so the file must be kept as one keeps keys.
func (c *stakeholdersExportCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, true, func(st *store.Store, _ *publish.Publisher) error {
		document, err := exportRegister(ctx, st)
		if err != nil {
			return err
		}
		if c.File == "-" {
			_, err = s.out.Write(document)
			return err
		}
		return os.WriteFile(c.File, document, 0o600)
	})
}

func exportRegister(ctx context.Context, st *store.Store) ([]byte, error) {
	register, err := st.Register(ctx)
	if err != nil {
		return nil, err
	}
	components, err := st.Components(ctx)
	if err != nil {
		return nil, err
	}
	for i := range register {
		for n, contact := range register[i].Contacts {
			if !contact.Channel.Secret() {
				continue
			}
			if register[i].Contacts[n].Endpoint, err = st.Endpoint(ctx, contact.Channel, contact.Address); err != nil {
				return nil, err
			}
		}
	}
	return stakeholders.FormatRegister(register, components)
}
