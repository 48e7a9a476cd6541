/** Copies text and says so on the button; without clipboard access (plain http) by selection. */
export async function copy(text, button) {
  const label = button.dataset.label ?? button.textContent
  button.dataset.label = label
  const { copied, notCopied } = button.dataset
  const said = (await toClipboard(text)) ? copied : notCopied
  button.textContent = said
  // The button's own name for screen readers does not change: they hear it here.
  const aloud = document.getElementById('said')
  if (aloud) aloud.textContent = said
  setTimeout(() => {
    button.textContent = label
    if (aloud) aloud.textContent = ''
  }, 1500)
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return bySelection(text)
  }
}

/** `navigator.clipboard` exists in secure contexts only; a server at home is often plain http. */
function bySelection(text) {
  const focused = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.setAttribute('readonly', '')
  field.className = 'unseen'
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  focused?.focus()
  return copied
}
