import * as tf from "@tensorflow/tfjs-core";
import { TF } from "../dtypes";
import { attr, kernel } from "./kernel";

/** Resampling of images `[batch, height, width, channels]`, float32. */

interface Resize {
  images: tf.Tensor4D;
  dy: tf.Tensor4D;
}
type ResizeAttributes = tf.ResizeBilinearAttrs;

const resizing = ({ alignCorners, halfPixelCenters }: ResizeAttributes) => [
  attr.type("T", TF.FLOAT),
  attr.bool("align_corners", alignCorners),
  attr.bool("half_pixel_centers", halfPixelCenters),
];

// tfjs-node's own two kernels ignore `halfPixelCenters`.
const resizeBilinearGrad = kernel(
  "ResizeBilinearGrad",
  ({ images, dy }: Resize, attributes: ResizeAttributes, backend): tf.Tensor =>
    backend.executeSingleOutput("ResizeBilinearGrad", resizing(attributes), [dy, images]),
);
const resizeNearestNeighborGrad = kernel(
  "ResizeNearestNeighborGrad",
  ({ images, dy }: Resize, attributes: ResizeAttributes, backend): tf.Tensor => {
    const size = tf.tensor1d([images.shape[1], images.shape[2]], "int32");
    return backend.executeSingleOutput("ResizeNearestNeighborGrad", resizing(attributes), [dy, size]);
  },
);

/** The operands of `cropAndResize` and the gradient of its result. tfjs has no kernels for these gradients. */
interface Crops {
  dy: tf.Tensor4D;
  image: tf.Tensor4D;
  boxes: tf.Tensor2D;
  boxInd: tf.Tensor1D;
}
const cropping = (method: string) => [attr.type("T", TF.FLOAT), attr.string("method", method)];

const cropAndResizeGradImage = kernel(
  "CropAndResizeGradImage",
  (
    { dy, boxes, boxInd }: Crops,
    { method, inputShape }: { method: string; inputShape: number[] },
    backend,
  ): tf.Tensor => {
    const size = tf.tensor1d(inputShape, "int32");
    const inputs = [dy, boxes, boxInd, size];
    return backend.executeSingleOutput("CropAndResizeGradImage", cropping(method), inputs);
  },
);
const cropAndResizeGradBoxes = kernel(
  "CropAndResizeGradBoxes",
  ({ dy, image, boxes, boxInd }: Crops, { method }: { method: string }, backend): tf.Tensor =>
    backend.executeSingleOutput("CropAndResizeGradBoxes", cropping(method), [dy, image, boxes, boxInd]),
);

/** TensorFlow's ImageProjectiveTransformV3, which tfjs-node does not register. */
const transform = kernel(
  "Transform",
  (
    { image, transforms }: { image: tf.Tensor4D; transforms: tf.Tensor2D },
    { interpolation, fillMode, fillValue, outputShape }: tf.TransformAttrs,
    backend,
  ): tf.Tensor => {
    const [, height, width] = image.shape;
    const attributes = [
      attr.type("dtype", TF.FLOAT),
      attr.string("interpolation", interpolation.toUpperCase()),
      attr.string("fill_mode", fillMode.toUpperCase()),
    ];
    const size = tf.tensor1d(outputShape ?? [height, width], "int32");
    const inputs = [image, transforms, size, tf.scalar(fillValue)];
    return backend.executeSingleOutput("ImageProjectiveTransformV3", attributes, inputs);
  },
);

/** The kernels of image operations. */
export const imageKernels = [
  resizeBilinearGrad,
  resizeNearestNeighborGrad,
  cropAndResizeGradImage,
  cropAndResizeGradBoxes,
  transform,
];
