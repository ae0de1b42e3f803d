/** This library's version, as it names itself on the wire. */
export const libraryVersion = 'spanloom-0.1.0';
