import { copy } from './copy.js'

const field = document.getElementById('manifest-url')
const button = document.getElementById('copy')
button.hidden = false
button.addEventListener('click', () => copy(field.value, button))
field.addEventListener('focus', () => field.select())
