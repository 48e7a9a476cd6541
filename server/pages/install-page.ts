import type { Manifest } from '../../addon/manifest.ts'
import { type Html, html } from './html.ts'

const nothing: Html = { markup: '' }

/** Clients turn `stremio://` into https, so that on plain http only the pasted address works. */
const pasteFirst = html`<p class="note">This server speaks plain http. Copy the address below and paste it in
Stremio under <strong>Addons</strong>, <strong>Add addon</strong>: the install button needs https.</p>`

const WHAT_TO_KNOW = html`<dl class="facts">
  <div><dt>Your address stays out of the swarm</dt>
    <dd>Most films come from BitTorrent, but it is this server that takes part in it. Other peers see the
    server's address, not yours, and your device only speaks HTTP to this server. Stremio therefore
    shows no peer-to-peer warning (<code>p2p: false</code>).</dd></div>
  <div><dt>Direct links</dt>
    <dd>Some sources are a file on another web server. Playing one sends you there, and that server sees
    your address, as with any link.</dd></div>
  <div><dt>Where it plays</dt>
    <dd>The desktop and TV apps play from https and http. Stremio in a web browser is an https page: it
    needs this server on https (or on the same machine) and films that browsers can show, such as MP4
    and WebM.</dd></div>
</dl>`

/** The page of `/`: complete without scripts; one of them adds the copy button. */
export function installPage(manifest: Manifest, baseUrl: string): string {
  const address = `${baseUrl}/manifest.json`
  const secure = baseUrl.startsWith('https:')
  const inApp = address.replace(/^https?:/, 'stremio:')
  const inWeb = `https://web.stremio.com/#/addons?addon=${encodeURIComponent(address)}`
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="${manifest.description}">
    <title>${manifest.name} for Stremio</title>
    <link rel="icon" href="assets/logo.svg" type="image/svg+xml">
    <link rel="stylesheet" href="assets/page.css">
    <link rel="stylesheet" href="assets/install.css">
    <script type="module" src="assets/install.js"></script>
  </head>
  <body class="narrow">
    <header class="masthead">
      <img src="assets/logo.svg" alt="" width="56" height="56">
      <div class="title">
        <h1>${manifest.name}</h1>
        <div class="soft small">Addon for Stremio, version ${manifest.version}</div>
      </div>
    </header>
    <main>
      <section class="card" aria-labelledby="install">
        <h2 id="install">Install</h2>
        <p class="soft">${manifest.description}</p>
        ${secure ? nothing : pasteFirst}
        <div class="actions">
          <a class="button${secure ? ' primary' : ''}" href="${inApp}">Install in Stremio</a>
          <a class="button" href="${inWeb}" rel="noreferrer">Install in Stremio Web</a>
        </div>
        <label for="manifest-url">Address of the addon</label>
        <div class="field">
          <input id="manifest-url" type="text" readonly value="${address}">
          <button class="button${secure ? '' : ' primary'}" id="copy" type="button" hidden>Copy</button>
        </div>
      </section>
      <section class="card" aria-labelledby="know">
        <h2 id="know">Good to know</h2>
        ${WHAT_TO_KNOW}
      </section>
    </main>
    <footer class="footer"><a href="test-source-selection">Status and test plays</a></footer>
  </body>
</html>
`.markup
}
