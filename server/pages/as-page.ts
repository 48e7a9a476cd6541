import type { Response } from 'express'
import type { Language } from '../words/languages.ts'

/**
 * Everything from this server, nothing inline. Media may come from anywhere, because a direct link
 * is a redirect and the policy is asked again for where it leads (CSP 3, 6.7.2.8). No
 * upgrade-insecure-requests: on a plain http server at home it would break every file of the page.
 */
/** @param media where media may come from beside http and https */
export const policyWith = (media = ''): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `media-src ${media} http: https:`.replace('  ', ' '),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const POLICY = policyWith()

/**
 * Pages state their own policy, whatever the app's is. `no-cache`: asked again, by ETag; `private`:
 * addresses in them may be made of what the request's headers said.
 */
/** @param language of a page that there is in several, chosen by the request (RFC 9110 12.5.4) */
export function asPage(res: Response, language?: Language): Response {
  if (language) res.vary('Accept-Language').set('Content-Language', language)
  return res.set({
    'Content-Security-Policy': POLICY,
    'Cache-Control': 'private, no-cache',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  })
}
