/** Copies text and says so on the button; without clipboard access (plain http) by selection. */
export async function copy(text, button) {
  const label = button.dataset.label ?? button.textContent
  button.dataset.label = label
  button.textContent = (await toClipboard(text)) ? 'Copied' : 'Press Ctrl+C'
  setTimeout(() => {
    button.textContent = label
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
  const field = document.createElement('textarea')
  field.value = text
  field.setAttribute('readonly', '')
  document.body.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}
