import type { Manifest } from '../../addon/manifest.ts'
import { type Html, html } from '../markup/html.ts'
import type { Language } from '../words/languages.ts'

/** A page that is made for each request: what stands around its main part. */
export interface PageFrame {
  readonly manifest: Manifest
  /** Of its words; English unless given. */
  readonly language?: Language
  /** From this page to the server's root, relative so that no prefix of a proxy matters. */
  readonly root: string
  readonly title: string
  readonly subtitle: string
  /** Names in assets/: `<name>.css`, `<name>.js`. */
  readonly styles: readonly string[]
  readonly script: string
  /** What its scripts say, in its language (assets/scripts/words.js); undefined: they say nothing. */
  readonly words?: unknown
  readonly narrow: boolean
  readonly footer: Html
}

/** What assets/scripts/words.js reads. */
export const wordsMeta = (words: unknown): Html => html`
    <meta name="words" content="${JSON.stringify(words)}">`

export function pageFrame(frame: PageFrame, main: Html): string {
  const { manifest, root, title } = frame
  const styles = frame.styles.map(
    (name) =>
      html`
    <link rel="stylesheet" href="${root}assets/${name}.css">`.markup,
  )
  return html`<!doctype html>
<html lang="${frame.language ?? 'en'}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="${manifest.description}">
    <title>${title}</title>${frame.words === undefined ? { markup: '' } : wordsMeta(frame.words)}
    <link rel="icon" href="${root}assets/logo.svg" type="image/svg+xml">${{ markup: styles.join('') }}
    <script type="module" src="${root}assets/${frame.script}.js"></script>
  </head>
  <body${{ markup: frame.narrow ? ' class="narrow"' : '' }}>
    <header class="masthead">
      <img src="${root}assets/logo.svg" alt="" width="56" height="56">
      <div class="title">
        <h1>${manifest.name}</h1>
        <div class="soft small">${frame.subtitle}</div>
      </div>
    </header>
    <main>
${main}
    </main>
    <footer class="footer">${frame.footer}</footer>
  </body>
</html>
`.markup
}
