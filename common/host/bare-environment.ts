const { NODE_COMPILE_CACHE } = process.env

/**
 * For a thread or a process that strangers' bytes reach: no settings, so no secrets. Where Node keeps compiled code
 * makes it load in a third of the time.
 */
export const bareEnvironment: Readonly<Record<string, string>> =
  NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
