import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { escaped } from '../markup/html.ts'
import type { Language } from '../words/languages.ts'
import { refusalFrameIn, refusalIn } from '../words/refusals/words.ts'
import { upToRoot } from './base-url.ts'

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

/** In the page itself: where viewers need a token the file is refused as the page was. */
const LOGO = readFileSync(
  new URL('../pages/assets/pictures/logo.svg', import.meta.url),
  'utf8',
).trim()

/** The colours of the other pages, by name: a browser's own ground is not the same in each. */
const STYLE =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;' +
  'background:light-dark(#f5f6fa,#101219);color:light-dark(#171a26,#eceef6)}' +
  'a{color:light-dark(#4a4fe0,#8d93ff)}small{color:light-dark(#5a6175,#a0a7bd)}' +
  'body{max-width:34rem;margin:12vh auto;padding:0 1.5rem}' +
  'h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.5rem 0}' +
  'svg{display:block;width:3.5rem;height:3.5rem;margin-bottom:1rem}'

/** The one style is allowed by its hash, so the page needs no other file and no prefix. */
export const errorPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Behind twenty folders is no page of ours, and the link would be longer than the rest. */
const LONGEST_WAY = '../'.repeat(20).length

/** From the page at this address to the server's start page; undefined where there is no way, or it is this page. */
function wayHome(url: string): string | undefined {
  const [path = ''] = url.split('?')
  if (!path.startsWith('/') || path === '/') return undefined
  const up = upToRoot(path)
  return up.length > LONGEST_WAY ? undefined : up || './'
}

/**
 * The refusal for a person whose browser went to the address itself.
 * @param language of the page; the code and the request's id are the same in each
 * @param url as the request has it; undefined: the start page would refuse this person too
 */
export function errorPage(
  status: number,
  { error }: ErrorBody,
  language: Language,
  url: string | undefined,
): string {
  const frame = refusalFrameIn(language)
  const home = url === undefined ? undefined : wayHome(url)
  const link = home === undefined ? '' : `<p><a href="${home}">${frame.home}</a></p>\n`
  const [what, advice] = refusalIn(language, error)
  const todo = advice === '' ? '' : `<p>${escaped(advice)}</p>\n`
  const available =
    error.available === undefined ? '' : `<p>${frame.available} ${error.available}</p>\n`
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status} - Playlink</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${LOGO}
<h1>${escaped(what)}</h1>
${todo}${available}<p><small>${status} ${escaped(error.code)} &middot; ${frame.request} <code>${escaped(error.requestId)}</code></small></p>
${link}</main>
</body>
</html>
`
}
