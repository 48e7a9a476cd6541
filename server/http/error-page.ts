import { createHash } from 'node:crypto'

/** What every refusal says; the shape of the JSON body too. */
export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly requestId: string
    /** How many sources the title has, when the number is unknown. */
    readonly available?: number
  }
}

const STYLE =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}' +
  'body{max-width:34rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.5rem 0}small{opacity:.7}'

/** The one style is allowed by its hash, so the page needs no other file and no prefix. */
export const errorPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? '')

/** The refusal for a person whose browser went to the address itself. */
export function errorPage(status: number, { error }: ErrorBody): string {
  const available =
    error.available === undefined ? '' : `<p>Sources of this title: ${error.available}</p>\n`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} - Playlink</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(error.message)}</h1>
${available}<p><small>${status} ${escaped(error.code)} &middot; request <code>${escaped(error.requestId)}</code></small></p>
</main>
</body>
</html>
`
}
