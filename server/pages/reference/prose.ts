import { all, type Html, html } from '../../markup/html.ts'

/** Text of the description: what stands between backticks is code (CommonMark 6.1), everything else as it is. */
export const prose = (text: string): Html =>
  all(text.split('`'), (part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`), '')
