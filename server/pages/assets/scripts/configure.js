import { copy } from './copy.js'

/**
 * Follows every tick: asks the server for the page of what is chosen now, and takes over from it what
 * depends on that. So there is one place that knows how an address is written.
 */
const form = document.getElementById('preferences')
const TAKEN = ['problem', 'result']
/** @type {AbortController | undefined} */
let asking

async function follow() {
  asking?.abort()
  asking = new AbortController()
  const { signal } = asking
  const query = new URLSearchParams(new FormData(form))
  try {
    const answered = await fetch(`${form.action}?${query}`, { signal })
    if (!answered.ok) return
    const page = new DOMParser().parseFromString(await answered.text(), 'text/html')
    if (signal.aborted) return
    const problem = page.querySelector('#problem .problem')
    for (const id of TAKEN) {
      const now = document.getElementById(id)
      now.replaceChildren(...page.getElementById(id).childNodes)
    }
    const summary = document.querySelector('summary')
    summary.textContent = chosenLanguages() || summary.dataset.any
    // With a problem nothing was made: the address bar keeps the last good choice.
    if (!problem) moveTo(new URL(answered.url))
    offerCopy()
  } catch (error) {
    // The next tick asks again; the button works without scripts too.
    if (error.name !== 'AbortError') document.getElementById('apply').hidden = false
  }
}

/** Relative addresses of the page must go on meaning the same: the form's is made absolute first. */
function moveTo(url) {
  form.setAttribute('action', form.action)
  const links = document.querySelectorAll('a[href], link[rel="icon"]')
  for (const link of links) link.setAttribute('href', link.href)
  history.replaceState(null, '', url.pathname)
}

function chosenLanguages() {
  const ticked = [...form.querySelectorAll('input[name="language"]:checked')]
  const names = ticked.map(({ nextElementSibling }) =>
    nextElementSibling.firstChild.textContent.trim(),
  )
  return names.join(', ')
}

function offerCopy() {
  const field = document.getElementById('manifest-url')
  const button = document.getElementById('copy')
  button.hidden = false
  button.addEventListener('click', () => copy(field.value, button))
  field.addEventListener('focus', () => field.select())
}

offerCopy()
document.getElementById('apply').hidden = true
form.addEventListener('change', follow)
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void follow()
})
