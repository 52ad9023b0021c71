package e2e

import (
	"context"

	"github.com/chromedp/chromedp"
)

// visibleText opens a page and reads what it shows.
func visibleText(ctx context.Context, url string) (string, error) {
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return "", err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
}
