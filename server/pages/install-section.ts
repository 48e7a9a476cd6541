import { isLoopback } from '../http/host.ts'
import { type Html, html } from './html.ts'
import { qrCode } from './qr-code.ts'

export interface InstallAddress {
  /** Absolute, without a slash at its end. */
  readonly baseUrl: string
  /** The viewer's preferences as they stand in the address; empty for none. */
  readonly config: string
}

export const nothing: Html = { markup: '' }

/** Clients turn `stremio://` into https, so that on plain http only the pasted address works. */
const PASTE_FIRST = html`<p class="note">This server speaks plain http. Copy the address below and paste it in
Stremio under <strong>Addons</strong>, <strong>Add addon</strong>: the install button needs https, and Stremio Web
does too, unless it runs on the same machine as this server.</p>`

const ALL_WORK = html`<p class="soft small">This server speaks https: apps, phones, TVs and Stremio Web can all
install it.</p>`

const below = ({ baseUrl, config }: InstallAddress): string =>
  config === '' ? baseUrl : `${baseUrl}/${config}`

const manifestUrl = (address: InstallAddress): string => `${below(address)}/manifest.json`

/** Three ways to install: the app, the web, the address; and the phone's camera. */
export function installSection(address: InstallAddress): Html {
  const url = manifestUrl(address)
  const secure = url.startsWith('https:')
  const inApp = url.replace(/^https?:/, 'stremio:')
  const inWeb = `https://web.stremio.com/#/addons?addon=${encodeURIComponent(url)}`
  return html`${secure ? ALL_WORK : PASTE_FIRST}
        <div class="actions">
          <a class="button${secure ? ' primary' : ''}" href="${inApp}">Install in Stremio</a>
          <a class="button" href="${inWeb}" rel="noreferrer">Install in Stremio Web</a>
        </div>
        <label for="manifest-url">Address of the addon</label>
        <div class="field">
          <input id="manifest-url" type="text" readonly value="${url}">
          <button class="button${secure ? '' : ' primary'}" id="copy" type="button" hidden>Copy</button>
        </div>
        <p id="said" class="unseen" role="status"></p>
        ${byCamera(address, secure, inApp)}`
}

/** With https the code installs; without, it brings the phone here, where the address can be copied. */
function byCamera(address: InstallAddress, secure: boolean, inApp: string): Html {
  if (isLoopback(new URL(address.baseUrl).hostname)) {
    return html`<p class="soft small">Other devices cannot reach this address: it means this very machine. Open this
        page by the server's name or address in your network, and a code for phones appears here.</p>`
  }
  const code = secure
    ? qrCode(inApp, 'QR code that installs the addon')
    : qrCode(`${below(address)}/configure`, 'QR code that opens this page')
  const what = secure
    ? 'Point a phone or tablet at it: Stremio opens there and asks to install. Signed in to the same account, your TV has it too.'
    : 'Point a phone or tablet at it: this page opens there, and you copy the address into Stremio. Signed in to the same account, your TV has it too.'
  return html`<div class="camera">${code}<p class="soft small">${what}</p></div>`
}
