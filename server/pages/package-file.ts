import type { RequestHandler } from 'express'

/** A file of a package, as its authors built it. @param path absolute */
export const packageFile =
  (path: string, type: string): RequestHandler =>
  (_req, res) => {
    res.set({ 'Cache-Control': 'no-cache', 'X-Content-Type-Options': 'nosniff' })
    res.type(type).sendFile(path, { cacheControl: false, dotfiles: 'allow' })
  }
