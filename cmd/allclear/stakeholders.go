package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

type stakeholdersCommand struct {
	Import   stakeholdersImportCommand   `cmd:"" help:"Make the register what a file says."`
	Export   stakeholdersExportCommand   `cmd:"" help:"Write the register to a file."`
	History  stakeholdersHistoryCommand  `cmd:"" help:"Who moved whom between the quadrants, and why."`
	Review   stakeholdersReviewCommand   `cmd:"" help:"List the entries that are due for a review."`
	Reviewed stakeholdersReviewedCommand `cmd:"" help:"Say that an entry is still right."`
}

type stakeholdersImportCommand struct {
	database `embed:""`
	DryRun   bool   `name:"dry-run" help:"Only print what would change."`
	Format   string `name:"format" help:"yaml or csv; left out, by the file's name."`
	Reason   string `name:"reason" help:"Why, for the history of who moved whom."`
	File     string `arg:"" help:"stakeholders.yaml, stakeholders.csv, or - for standard input."`
}

// Run prints each addition, change and removal, and carries them out unless it
// is a dry run. What may not be meant goes to standard error.
func (c *stakeholdersImportCommand) Run(ctx context.Context, s *streams) error {
	format, err := formatOf(c.Format, c.File, stakeholders.YAML, stakeholders.CSV)
	if err != nil {
		return err
	}
	document, err := readInput(c.File, s.in)
	if err != nil {
		return err
	}
	return c.withStore(ctx, false, func(_ *store.Store, p *publish.Publisher) error {
		plan, err := p.ImportRegister(ctx, operator, publish.RegisterImport{Document: document, Format: format, Reason: c.Reason, DryRun: c.DryRun})
		if err != nil {
			return faults(err)
		}
		for _, words := range plan.Warnings {
			if _, err := fmt.Fprintf(s.err, "warning: %s\n", words); err != nil {
				return err
			}
		}
		return printPlan(s.out, plan)
	})
}

// formatOf is the format that was named, else that of the file's ending, else
// the first of those that will do.
func formatOf(named, file string, known ...stakeholders.Format) (stakeholders.Format, error) {
	ending := map[string]stakeholders.Format{".csv": stakeholders.CSV, ".md": stakeholders.Markdown, ".yaml": stakeholders.YAML, ".yml": stakeholders.YAML}[strings.ToLower(filepath.Ext(file))]
	format := cmp.Or(stakeholders.Format(named), ending, known[0])
	names := make([]string, len(known))
	for i, one := range known {
		if one == format {
			return format, nil
		}
		names[i] = string(one)
	}
	return "", misuse{fmt.Errorf("--format: %q will not do here; use one of %s", format, strings.Join(names, ", "))}
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
	Format   string `name:"format" help:"yaml, csv, or md for people; left out, by the file's name."`
	File     string `arg:"" help:"Where to write, or - for standard output."`
}

// Run writes the register as the import takes it, or as a document for people.
// What the import takes holds the addresses that are secrets, so that file must
// be kept as one keeps keys.
func (c *stakeholdersExportCommand) Run(ctx context.Context, s *streams) error {
	format, err := formatOf(c.Format, c.File, stakeholders.YAML, stakeholders.CSV, stakeholders.Markdown)
	if err != nil {
		return err
	}
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		document, err := p.ExportRegister(ctx, format)
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

type stakeholdersHistoryCommand struct {
	database `embed:""`
	Name     string `arg:"" optional:"" help:"Name of an entry, also of one that was removed; left out, all."`
}

// historyPage is how many moves one query reads.
const historyPage = 500

// Run prints the moves, the newest first.
func (c *stakeholdersHistoryCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, true, func(st *store.Store, _ *publish.Publisher) error {
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "WHEN\tNAME\tFROM\tTO\tWHO\tWHY") // Flush reports what failed
		for offset := 0; ; offset += historyPage {
			moves, err := st.Moves(ctx, "", historyPage, offset)
			if err != nil {
				return err
			}
			for _, m := range moves {
				if c.Name == "" || stakeholders.SameName(c.Name, m.Name) || c.Name == m.StakeholderID {
					_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", moment(m.At), m.Name, cmp.Or(m.From, "-"), cmp.Or(m.To, "-"), m.Actor.Name, cmp.Or(m.Reason, "-"))
				}
			}
			if len(moves) < historyPage {
				return w.Flush()
			}
		}
	})
}

type stakeholdersReviewCommand struct {
	database `embed:""`
}

// Run prints the entries that somebody should look at, in the register's order.
func (c *stakeholdersReviewCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, true, func(st *store.Store, _ *publish.Publisher) error {
		register, err := st.Register(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "DUE SINCE\tNAME\tOWNER\tQUADRANT") // Flush reports what failed
		for _, entry := range register {
			if entry.ReviewDue(st.Now()) {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", entry.ReviewDueAt().UTC().Format(time.DateOnly), entry.Name, cmp.Or(entry.Owner, "-"), entry.Quadrant())
			}
		}
		return w.Flush()
	})
}

type stakeholdersReviewedCommand struct {
	database `embed:""`
	Name     string `arg:"" help:"Name of the entry, as the register has it, or its id."`
}

// Run marks an entry as reviewed and prints when it is due again.
func (c *stakeholdersReviewedCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, false, func(st *store.Store, p *publish.Publisher) error {
		register, err := st.Register(ctx)
		if err != nil {
			return err
		}
		for _, entry := range register {
			if entry.ID != c.Name && !stakeholders.SameName(entry.Name, c.Name) {
				continue
			}
			reviewed, err := p.ReviewStakeholder(ctx, operator, entry.ID)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "%s is reviewed; again on %s\n", entry.Name, cmp.Or(dayOf(reviewed.ReviewDueAt()), "no date"))
			return err
		}
		return misuse{fmt.Errorf("%q is not in the register", c.Name)}
	})
}

// dayOf is the day of a time; empty for none.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
