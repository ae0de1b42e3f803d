/** What is published beside the types, by entry. */
export declare const bundleFiles: readonly ['index.js', 'index.cjs', 'handler.mjs', 'init.cjs'];
/** Bundles the library into `folder`. */
export declare function bundleLambda(folder: string): Promise<void>;
//# sourceMappingURL=bundle.d.ts.map
