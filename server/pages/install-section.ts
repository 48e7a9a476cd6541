import { isLoopback } from '../http/host.ts'
import { type Html, html } from '../markup/html.ts'
import { qrCode } from '../markup/qr-code.ts'
import type { Words } from '../words/install/words.ts'

export interface InstallAddress {
  /** Absolute, without a slash at its end. */
  readonly baseUrl: string
  /** The viewer's preferences as they stand in the address; empty for none. */
  readonly config: string
}

export const nothing: Html = { markup: '' }

const below = ({ baseUrl, config }: InstallAddress): string =>
  config === '' ? baseUrl : `${baseUrl}/${config}`

const manifestUrl = (address: InstallAddress): string => `${below(address)}/manifest.json`

/** Clients turn `stremio://` into https, so that on plain http only the pasted address works. */
const inAppUrl = (address: InstallAddress): string =>
  manifestUrl(address).replace(/^https?:/, 'stremio:')

/** Three ways to install: the app, the web, the address; first those that work here. And the phone's camera. */
export function installSection(address: InstallAddress, words: Words['address']): Html {
  const url = manifestUrl(address)
  const isSecure = url.startsWith('https:')
  const inWeb = `https://web.stremio.com/#/addons?addon=${encodeURIComponent(url)}`
  const buttons = html`<div class="actions">
          <a class="button${isSecure ? ' primary' : ''}" href="${inAppUrl(address)}">${words.inApp}</a>
          <a class="button" href="${inWeb}" rel="noreferrer">${words.inWeb}</a>
        </div>`
  const toCopy = fieldToCopy(url, isSecure, words)
  return html`${isSecure ? html`<p class="soft small">${words.secure}</p>` : html`<p class="note">${words.plain}</p>`}
        ${isSecure ? buttons : toCopy}
        ${isSecure ? toCopy : buttons}
        ${byCamera(address, isSecure, words)}`
}

const fieldToCopy = (url: string, isSecure: boolean, words: Words['address']): Html => html`
        <label for="manifest-url">${words.label}</label>
        <div class="field">
          <input id="manifest-url" type="text" readonly value="${url}">
          <button class="button${isSecure ? '' : ' primary'}" id="copy" type="button" data-copied="${words.copied}" data-not-copied="${words.notCopied}" hidden>${words.copy}</button>
        </div>
        <p id="said" class="unseen" role="status"></p>`

/** With https the code installs; without, it brings the phone here, where the address can be copied. */
function byCamera(address: InstallAddress, secure: boolean, words: Words['address']): Html {
  if (isLoopback(new URL(address.baseUrl).hostname)) {
    return html`<p class="soft small">${words.loopback}</p>`
  }
  const { code, what } = secure ? words.installs : words.opens
  const url = secure ? inAppUrl(address) : `${below(address)}/configure`
  return html`<div class="camera">${qrCode(url, code)}<p class="soft small">${what}</p></div>`
}
