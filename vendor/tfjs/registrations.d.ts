/** tfjs-core's gradients, and the methods of its tensors (`x.add(y)`). Importing this module registers them. */
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
