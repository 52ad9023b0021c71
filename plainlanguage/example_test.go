package plainlanguage_test

import (
	"fmt"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/status"
)

func ExampleReview() {
	report := plainlanguage.Review("body", "We rolled back the change on db-prod-03.", plainlanguage.Context{
		Status: status.Monitoring, Components: []string{"Card payments"},
	})
	for _, f := range report.First {
		fmt.Println(f.Level, f.Rule, f.Text)
	}
	fmt.Println(*report.Suggested)
	fmt.Println("missing:", plainlanguage.Missing(report.Essentials))
	// Output:
	// error host db-prod-03
	// warning shop-talk rolled back
	// We reversed the change on Card payments.
	// missing: [who since do next]
}
