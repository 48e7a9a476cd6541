import { copy } from './copy.js'

for (const command of document.querySelectorAll('.command')) {
  const button = command.querySelector('button')
  button.hidden = false
  button.addEventListener('click', () => copy(command.querySelector('code').textContent, button))
}
