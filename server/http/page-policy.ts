import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Headers of everything but /play. No inline script, no foreign one; `media-src` is open because
 * the test page plays what /play redirects to. Left out: what an operator's proxy decides for the
 * whole domain (HSTS), and what browsers refuse with a warning on plain http (COOP, agent clusters).
 */
export const pagePolicy: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      mediaSrc: ["'self'", 'http:', 'https:'],
      manifestSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // The manifest's logo is shown in the apps' own pages.
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
})
