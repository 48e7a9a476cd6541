/**
 * The fields of `/proc/<pid>/stat` (proc(5)) from the third, the state, on: the name in the second stands in brackets, and
 * may hold spaces and brackets itself.
 */
export const fieldsOfStat = (text: string): readonly string[] =>
  text.slice(text.lastIndexOf(')') + 2).split(' ')
