import type { tf } from "../../lib/engine";
import { binding, idOf, wrap } from "../../lib/engine/backend";
import { capi, type Pointer } from "../../lib/engine/capi";
import { checkStatus } from "../../lib/engine/context";
import { findTensorFlow, mapLibraries } from "../../lib/engine/library";

/** A SavedModel in a session of TensorFlow. */
export interface LoadedModel {
  /** Computes `rates` from inputs by name; those that the model does not have are ignored. */
  run(inputs: ReadonlyMap<string, tf.Tensor>): tf.Tensor;
  close(): void;
}

/** Loads a SavedModel through TensorFlow's C API. */
export function loadSavedModel(folder: string): LoadedModel {
  const c = capi();
  const library = mapLibraries(findTensorFlow());
  const load = library.func(
    "void* TF_LoadSessionFromSavedModel(void*, void*, const char*, const char**, int, void*, void*, void*)",
  );
  const byName = library.func("void* TF_GraphOperationByName(void*, const char*)");
  const [status, graph, options]: Pointer[] = [c.newStatus(), c.newGraph(), c.newSessionOptions()];
  const session: Pointer = load(options, null, folder, ["serve"], 1, graph, null, status);
  checkStatus(c, status!, folder);
  const output = (name: string) => ({ oper: byName(graph, name) as Pointer, index: 0 });
  return {
    run: (inputs) => {
      const given = [...inputs].filter(([name]) => output(name).oper);
      const values = given.map(([, tensor]) => binding.handles.resolve(idOf(tensor)));
      const results: (Pointer | null)[] = [null];
      c.sessionRun(
        session,
        null,
        given.map(([name]) => output(name)),
        values,
        given.length,
        [output("rates")],
        results,
        1,
        null,
        0,
        null,
        status,
      );
      for (const value of values) c.deleteTensor(value);
      checkStatus(c, status!, folder);
      const handle = c.newHandle(results[0], status);
      c.deleteTensor(results[0]);
      return wrap(binding.handles.adopt(handle));
    },
    close: () => {
      c.closeSession(session, status);
      c.deleteSession(session, status);
      c.deleteGraph(graph);
      c.deleteSessionOptions(options);
      c.deleteStatus(status);
    },
  };
}
