import { renderSVG } from 'uqr'
import { type Html, html } from './html.ts'

/**
 * A QR code (ISO/IEC 18004) as an image of the page, dark on light whatever the page's colours are:
 * many readers see no inverted ones. The SVG is of rectangles only; nothing of the text is in it.
 */
export function qrCode(text: string, name: string): Html {
  const svg = renderSVG(text, { ecc: 'M', border: 3, pixelSize: 1 })
  return html`<div class="qr" role="img" aria-label="${name}">${{ markup: svg }}</div>`
}
