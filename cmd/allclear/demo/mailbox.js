// Brings new messages into the page without losing what is open in it.
setInterval(async () => {
  try {
    const answer = await fetch('/demo/mailbox', { cache: 'no-store' })
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const main = document.querySelector('main')
    for (const article of [...fresh.querySelectorAll('article')].reverse()) {
      if (!document.getElementById(article.id)) main.prepend(document.adoptNode(article))
    }
    document.querySelector('header p').replaceWith(document.adoptNode(fresh.querySelector('header p')))
    document.title = fresh.title
  } catch { /* the demo has ended, or the next look succeeds */ }
}, 1000)
