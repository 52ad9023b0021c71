package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const (
	fewSubscribers  = "few"
	manySubscribers = "many"
	whileTelling    = "many, being told"
)

// story is how many posts an incident has; it is deleted afterwards, so that
// the page does not grow.
const story = 6

// result is how long one post or preview took.
type result struct {
	post    time.Duration // 0: it was a preview
	seen    time.Duration // until the page with it was read
	preview time.Duration // 0: it was a post
}

// run is what is done to one page.
type run struct {
	*page
	posts  int
	rate   time.Duration
	record func(what string, r result)
}

// quiet times posts that nobody is told of by mail: their audience is worked
// out all the same. Previews are of posts that everybody would be told of.
func (r run) quiet(ctx context.Context, what string) error {
	incident := ""
	for n := range r.posts + story { // the first story warms the server up
		timed := n >= story
		if n%story == 0 {
			if err := r.end(ctx, incident); err != nil {
				return err
			}
			var err error
			if incident, err = r.create(ctx, "/incidents", object{"incident": object{"name": "Orders are slow", "body": "Orders are slow for some customers. We are looking for the cause.",
				"components": object{r.component: "degraded_performance"}, "deliver_notifications": false}}); err != nil {
				return err
			}
		}
		if err := rest(ctx); err != nil {
			return err
		}
		preview, err := r.preview(ctx)
		if err != nil {
			return err
		}
		if err := rest(ctx); err != nil {
			return err
		}
		done, err := r.tell(ctx, incident, n)
		if err != nil {
			return err
		}
		if timed {
			r.record(what, preview)
			r.record(what, done)
		}
	}
	return r.end(ctx, incident)
}

// pause is what the server is given after a post to finish what it does by
// itself: it is posted to once in many minutes.
const pause = 60 * time.Millisecond

func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause):
		return nil
	}
}

// busy times posts while everybody is being told of a critical incident.
func (r run) busy(ctx context.Context) error {
	incident, err := r.create(ctx, "/incidents", critical(r.component))
	if err != nil {
		return err
	}
	ticker := time.NewTicker(r.rate)
	defer ticker.Stop()
	for n := range r.posts {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		done, err := r.tell(ctx, incident, n)
		if err != nil {
			return err
		}
		r.record(whileTelling, done)
	}
	return nil
}

func critical(component string) object {
	return object{"incident": object{"name": "Orders fail", "body": "Orders fail for all customers. We are looking for the cause.",
		"impact_override": "critical", "components": object{component: "major_outage"}}}
}

// end takes an incident off the page.
func (r run) end(ctx context.Context, incident string) error {
	if incident == "" {
		return nil
	}
	return r.server.Manage(ctx, http.MethodDelete, "/incidents/"+incident, nil, nil)
}

// tell posts an update and looks whether the page shows it.
func (r run) tell(ctx context.Context, incident string, n int) (done result, err error) {
	body := fmt.Sprintf("We are still looking for the cause. We have looked in %d places so far.", n)
	began := time.Now()
	if err := r.update(ctx, incident, object{"body": body}); err != nil {
		return done, err
	}
	done.post = time.Since(began)
	shown, err := r.server.Shows(ctx, "/", body)
	done.seen = time.Since(began)
	if err == nil && !shown {
		err = fmt.Errorf("the page does not show the post that was answered")
	}
	return done, err
}

// preview asks what opening a critical incident would do.
func (r run) preview(ctx context.Context) (done result, err error) {
	began := time.Now()
	err = r.server.Manage(ctx, http.MethodPost, "/incidents?dry_run=true", critical(r.component), nil)
	done.preview = time.Since(began)
	return done, err
}
