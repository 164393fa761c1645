#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Train, Grow and Regenerate in a real GIMP without a window; what it saves and exports is read
back.  Usage: headless.py 2|3 PLUG_INS NCA"""
import glob
import io
import json
import os
import subprocess
import sys

import numpy as np
from PIL import Image, ImageCms, ImageSequence

from gimp import SOURCE, Gimp
from icc import swapped
from pictures import colour, loss, picture, premultiplied

LIZARD = os.path.join(SOURCE, 'models/recipes/lizard.png')
SIZE, PADDING = 40, 16
ROUNDING = 3  # of 255: libnca draws on layers in integers, on PNG files in floats


def in_cells(image):
    """A picture that covers the layer: size as in training, premultiplied, with its padding."""
    scale = SIZE / max(image.size)
    cells = [max(1, round(side * scale)) for side in image.size]
    small = np.asarray(image.convert('RGBa').resize(cells, Image.BOX), dtype=float) / 255
    return np.pad(small, ((PADDING, PADDING), (PADDING, PADDING), (0, 0)))


def target_loss(image):
    """Of a grown layer beside the picture that was learnt, at the best shift, as `nca eval`."""
    target, grown = in_cells(picture(LIZARD)), in_cells(image)
    return min(loss(target, np.roll(grown, (x, y), (0, 1)))
               for x in range(-2, 3) for y in range(-2, 3))


def grown_by_program(nca, gimp, model, *options):
    """The program's frames of the same model."""
    folder = os.path.join(gimp.folder, 'program')
    os.makedirs(folder, exist_ok=True)
    subprocess.run([nca, 'grow', model, '-o', folder + '/%04d.png', *options], check=True,
                   env=gimp.environment())
    return [picture(path) for path in sorted(glob.glob(folder + '/*.png'))]


# ------------------------------------------------------------------- frames

GROW = '''
(define image (open-image "%s"))
(define file (train image (top-layer image) '(from "lizard") '(iterations 30) '(output "my creature")))
(say "file " file)
(define film (grow image (top-layer image) '(steps 60) '(every 20) '(scale 4)
  '(interp nearest) '(delay 70) '(hold-first 500) '(hold-last 1000) '(loop back)
  '(events "0 plant 50%% 50%% | 40 erase half lower | 45 angle 30") '(seed 7)))
(for-each (lambda (layer) (say "layer " (name-of layer))) (layers film))
(say "undo " (if (undo? film) "yes" "no"))
(say "mode " (if (usual-mode? (top-layer film)) "usual" "another"))
(define number 0)
(for-each (lambda (layer)
    (save-layer film layer (string-append made "layer-" (number->string number) ".png"))
    (set! number (+ number 1)))
  (reverse (layers film)))
(if (defined? 'export-webp) (export-webp film (string-append made "film.webp")))
(export-gif film (string-append made "film.gif"))
'''
DELAYS = [500, 70, 70, 1000, 70, 70]


def check_animation(gimp, path, frames, alpha_levels):
    film = []
    for frame in ImageSequence.Iterator(Image.open(path)):
        frame.load()
        film.append((frame.convert('RGBA'), frame.info.get('duration')))
    delays = [delay for _, delay in film]
    gimp.check(delays == DELAYS, path, 'has delays of', delays)
    for number, (frame, _) in enumerate(film):
        shown, layer = premultiplied(frame), premultiplied(frames[number])
        opaque = layer[..., 3] > 0.5 if alpha_levels == 2 else layer[..., 3] > 2
        if alpha_levels == 2:
            gimp.check(np.array_equal(shown[..., 3] > 0.5, opaque), path, number, 'alpha')
            layer[..., :3] /= np.maximum(layer[..., 3:], 1e-6)
            far = loss(shown[opaque][:, :3], layer[opaque][:, :3]) if opaque.any() else 0
        else:
            far = loss(shown, layer)
        gimp.check(far < (1e-3 if alpha_levels == 2 else 1e-5), path, 'frame', number, 'differs by', far)


def test_frames(gimp, nca):
    said = gimp.run(GROW % LIZARD)
    model = os.path.join(gimp.folder, 'data/nca/models/my creature.bin')
    gimp.check(f'file {model}' in said, said)
    gimp.check('undo yes' in said and 'mode usual' in said, said)
    names = [line[6:] for line in reversed(said) if line.startswith('layer ')]
    gimp.check(names == [f'Frame {i + 1} ({delay}ms)(replace)' for i, delay in enumerate(DELAYS)],
               'the layers are', names)
    programs = grown_by_program(nca, gimp, model, '--steps', '60', '--every', '20', '--seed', '7',
                                '--events', '0 plant 50% 50% | 40 erase half lower | 45 angle 30',
                                '--zoom', '4')
    programs += programs[2:0:-1]
    frames = [picture(f'{gimp.made}/layer-{i}.png') for i in range(len(programs))]
    for number, (frame, expected) in enumerate(zip(frames, programs)):
        far = np.abs(premultiplied(frame) - premultiplied(expected)).max() * 255
        gimp.check(far <= ROUNDING, 'frame', number, 'differs from the program by', far)
    gimp.check(loss(premultiplied(frames[1]), premultiplied(frames[3])) > 1e-3, 'nothing moves')
    check_animation(gimp, gimp.made + '/film.gif', frames, 2)
    if gimp.series == '3':
        check_animation(gimp, gimp.made + '/film.webp', frames, 256)


# --------------------------------------------------------------- regenerate

REGENERATE = '''
(define image (open-image "%s"))
(train image (top-layer image) '(from "lizard") '(iterations 1))
(grow image (top-layer image) '(steps 300) '(output layer) '(interp nearest))
(define creature (top-layer image))
(define width (width-of creature))
(define height (height-of creature))
(define half (quotient height 2))
(define (keep name) (save-layer image creature (string-append made name ".png")))
(keep "grown")
(regenerate image creature '(steps 0))
(keep "same")
(erase-part image creature 0 half width (- height half))
(keep "erased")
(save-image image (string-append made "tomorrow.xcf"))
(regenerate image creature '(steps 400))
(keep "healed")
(paint-part image creature 0 0 width half)
(keep "painted")
(regenerate image creature '(steps 400))
(keep "healed-of-paint")
(select-part image 0 0 (quotient width 2) height)
(regenerate image creature '(steps 0))
(keep "selected")
(define film (regenerate image creature '(steps 400) '(every 100) '(output new-image)))
(say "frames " (number->string (length (layers film))))
(save-layer film (car (layers film)) (string-append made "healed-as-frames.png"))
(define image (open-image (string-append made "tomorrow.xcf")))
(define creature (top-layer image))
(scale-image image (* 3 width) (* 3 height))
(regenerate image creature '(steps 400))
(keep "healed-tomorrow")
'''
HEALED = 3e-3  # as `nca eval` has it


def test_regenerate(gimp):
    said = gimp.run(REGENERATE % LIZARD)
    gimp.check('frames 5' in said, said)
    pictures = {name: picture(f'{gimp.made}/{name}.png') for name in (
        'grown', 'same', 'erased', 'healed', 'painted', 'healed-of-paint', 'selected',
        'healed-as-frames', 'healed-tomorrow')}
    far = {name: target_loss(image) for name, image in pictures.items()}
    for name in ('grown', 'healed', 'healed-of-paint', 'healed-as-frames', 'healed-tomorrow'):
        gimp.check(far[name] < HEALED, name, 'is', far[name], 'from the target')
    for name in ('erased', 'painted', 'selected'):
        gimp.check(far[name] > 4 * HEALED, name, 'is only', far[name], 'from the target')
    gimp.check(loss(premultiplied(pictures['same']), premultiplied(pictures['grown'])) == 0,
               'what was not wounded has changed')
    left = premultiplied(pictures['selected'])[:, :pictures['selected'].width // 2 - 4]
    gimp.check(left[..., 3].max() < 0.5, 'what was selected lives on')


# -------------------------------------------------------------------- kinds

# Halves: white and black.  White alone: the left half.
KINDS = '''
(define (learn name layer)
  (let ((file (train (image-of layer) layer '(size 8) '(padding 2) '(iterations 1) '(from "")
                     (list 'output (string-append made name ".bin")))))
    (say name " " (if file "learnt" refusal))))
(define (indexed layer) (make-indexed (image-of layer)) layer)
(define (with layer change) (change (image-of layer) layer) layer)
(define (picture) (make-picture 'rgba 'u8))
(learn "halves-rgb" (make-picture 'rgb 'u8))
(learn "halves-rgba" (picture))
(learn "halves-gray" (make-picture 'gray 'u8))
(learn "halves-indexed" (indexed (make-picture 'rgb 'u8)))
(learn "halves-u16" (make-picture 'rgb 'u16))
(learn "halves-float" (make-picture 'rgba 'float))
(define layer (picture))
(learn "halves-group" (group-of (image-of layer) layer))
(define (left image) (select-part image 0 0 32 64))
(learn "halves-unmasked" (with (picture) (lambda (image layer)
  (left image) (mask-by-selection image layer) (turn-mask-off layer))))
(learn "left-selected" (with (picture) (lambda (image layer) (left image))))
(learn "left-resized" (with (picture) (lambda (image layer) (resize-layer layer 32 64 0 0))))
(learn "white-masked" (with (picture) (lambda (image layer)
  (left image) (mask-by-selection image layer))))
(learn "white-cleared" (with (picture) (lambda (image layer)
  (left image) (clear-selected image layer #t))))
(learn "ellipse-selected" (with (picture) (lambda (image layer)
  (select-ellipse image 0 0 64 64))))
(learn "ellipse-cleared" (with (picture) (lambda (image layer)
  (select-ellipse image 0 0 64 64) (clear-selected image layer #t))))
(learn "thin-masked" (with (big-picture 64 64) (lambda (image layer) (mask-by-half layer))))
(learn "thin-drawn" (with (big-picture 64 64) (lambda (image layer)
  (clear-selected image layer #f) (fill-half layer))))
(learn "off" (with (picture) (lambda (image layer)
  (resize-layer layer 16 16 -40 -40) (select-part image 0 0 8 8))))
(learn "clear" (with (picture) (lambda (image layer)
  (left image) (clear-selected image layer #f) (left image) (clear-selected image layer #t))))
(learn "channel" (channel-of (image-of (picture))))
(learn "large" (big-picture 6000 4000))
(learn "narrow" (big-picture 3 200))
(define (frames name layer)
  (let* ((image (image-of layer)) (before (length (layers image)))
         (of (grow image layer '(model "lizard") '(steps 200) '(every 100) '(output layers))))
    (say name " " (number->string (- (length (layers image)) before)) " frames in the image, "
         (if of (number->string (length (layers of))) refusal))
    (if (and of (= of image))
        (let ((grown (car (layers image))))
          (define (keep what) (save-layer image grown (string-append made name what ".png")))
          (keep "-grown")
          (regenerate image grown '(steps 0))
          (keep "-same")))))
(frames "frames-rgb" (make-picture 'rgb 'u8))
(frames "frames-gray" (make-picture 'gray 'u8))
(frames "frames-float" (make-picture 'rgba 'float))
(frames "frames-indexed" (indexed (make-picture 'rgb 'u8)))
(define layer (picture))
(frames "frames-group" (group-of (image-of layer) layer))
(define inner (picture))
(define outer (group-of (image-of inner) inner))
(move-layer inner 5 3)
(grow (image-of inner) inner '(model "lizard") '(steps 20) '(every 10) '(scale 0.5) '(output layers))
(grow (image-of inner) inner '(model "lizard") '(steps 0) '(scale 0.5) '(delay 50) '(output layers))
(for-each (lambda (layer)
    (say "inside " (name-of layer) (apply string-append (map (lambda (at)
      (string-append " " (number->string at))) (offsets-of layer)))))
  (children outer))
'''


def target_of(gimp, nca, name):
    told = subprocess.run([nca, 'info', '--json', f'{gimp.made}/{name}.bin'], check=True,
                          capture_output=True, text=True)
    model = json.loads(told.stdout)
    model = model[0] if isinstance(model, list) else model
    return model.get('metadata', model)['target_sha256']


def test_kinds(gimp, nca):
    said = gimp.run(KINDS)
    learnt = [line.split()[0] for line in said if line.endswith(' learnt')]
    targets = {name: target_of(gimp, nca, name) for name in learnt}
    for kind, count in {'halves': 8, 'left': 2, 'white': 2, 'ellipse': 2,
                        'thin': 2}.items():
        same = {name: t for name, t in targets.items() if name.startswith(kind)}
        gimp.check(len(same) == count and len(set(same.values())) == 1, kind, same, said)
    gimp.check(len(set(targets.values())) == 7, 'different pictures are the same target', targets)
    for name, words in {'off': 'selection does not touch', 'clear': 'visible',
                        'channel': 'a mask or a channel'}.items():
        gimp.check(any(line.startswith(name + ' ') and words in line for line in said),
                   name, 'is not refused by a sentence:', said)
    gimp.check({'large', 'narrow'} <= set(learnt), said)
    for name, told in {'rgb': '3 frames in the image, 4', 'gray': '3 frames in the image, 4',
                       'float': '3 frames in the image, 4', 'group': '3 frames in the image, 4',
                       'indexed': '0 frames in the image, 3'}.items():
        gimp.check(f'frames-{name} {told}' in said, said)
    inside = [line[7:] for line in said if line.startswith('inside ')]
    names = [f'Frame {frame}(replace)' for frame in ('3 (100ms)', '2 (100ms)', '1 (100ms)', '1 (50ms)')]
    gimp.check(inside == [name + ' 20 17' for name in names] + ['picture 5 3'], inside)
    for name in ('rgb', 'gray', 'float', 'group'):
        pair = [premultiplied(picture(f'{gimp.made}/frames-{name}-{what}.png'))
                for what in ('grown', 'same')]
        gimp.check(pair[0][..., 3].max() > 0.9 and loss(*pair) < 1e-6, name, 'is wounded by itself')


# ----------------------------------------------------------------- refusals

REFUSALS = '''
(define layer (make-picture 'rgba 'u8))
(define image (image-of layer))
(define (tell name result) (say name " " (if result "done" refusal)))
(tell "ungrown" (regenerate image layer))
(attach layer "nca-creature" "hello")
(tell "damaged" (regenerate image layer))
(tell "damaged-grow" (grow image layer '(steps 1) '(output new-image)))
(train image layer '(size 8) '(padding 2) '(iterations 1) (list 'output (string-append made "x.bin")))
(tell "learnt" (regenerate image layer))
(tell "model" (grow image layer '(model "no such")))
(tell "events" (grow image layer '(events "0 plont 1 1")))
(tell "frames" (grow image layer '(steps 100000) '(every 1)))
(tell "range" (grow image layer '(steps 1000001)))
(tell "scale" (grow image layer '(scale 9000)))
(tell "from" (train image layer '(from "no such")))
(tell "folder" (train image layer '(size 8) '(iterations 1) '(output "/no/such/folder/x.bin")))
(define film (grow image layer '(model "lizard") '(steps 60) '(every 60)))
(define grown (car (layers film)))
(erase-part film grown 0 0 (width-of grown) (height-of grown))
(tell "all-erased" (regenerate film grown))
(define grown2 (begin (grow image layer '(steps 60) '(output layer)) (top-layer image)))
(resize-layer grown2 20 64 0 0)
(tell "cropped" (regenerate image grown2))
(define film (grow image layer '(model "lizard") '(steps 60) '(every 60)))
(define grown (car (layers film)))
(lock-layer grown)
(tell "locked" (regenerate film grown '(steps 1)))
(tell "locked-frames" (regenerate film grown '(steps 1) '(output new-image)))
(define film (grow image layer '(model "lizard") '(steps 60) '(every 60)))
(define grown (car (layers film)))
(lock-alpha grown)
(tell "locked-alpha" (regenerate film grown '(steps 1)))
(define film (grow image layer '(model "lizard") '(steps 60) '(every 60)))
(define grown (car (layers film)))
(define group (group-of film grown))
(tell "group" (regenerate film group '(steps 1)))
(lock-layer group)
(tell "locked-group" (regenerate film grown '(steps 1)))
(tell "in-locked-group" (grow film grown '(model "lizard") '(steps 8) '(every 8) '(output layers)))
(define film (grow image layer '(model "lizard") '(steps 60) '(every 60)))
(define grown (car (layers film)))
(flatten-layer grown)
(tell "flattened" (regenerate film grown '(steps 1)))
(say "alpha " (if (alpha? grown) "yes" "no"))
(float-part image layer 8 8 16 16)
(tell "floating" (grow image layer '(steps 1) '(output layers)))
(tell "without-image" (grow -1 -1 '(steps 20) '(every 10)))
'''
SENTENCES = {
    'ungrown': 'Nothing was grown on this layer', 'damaged': 'Nothing was grown on this layer',
    'damaged-grow': 'done', 'learnt': 'did not grow', 'model': 'no such', 'events': '"plont"',
    'frames': 'more than 2000 frames', 'range': '1000001', 'scale': 'too large', 'from': 'no such',
    'folder': 'cannot be kept', 'all-erased': 'Nothing of the creature is left',
    'cropped': 'cropped or stretched',
    'locked': 'are locked', 'locked-frames': 'done', 'locked-alpha': 'are locked',
    'group': 'group of layers', 'locked-group': 'are locked', 'in-locked-group': 'done',
    'flattened': 'done', 'alpha': 'yes', 'floating': 'floating', 'without-image': 'done'}


def test_refusals(gimp):
    said = dict(line.split(' ', 1) for line in gimp.run(REFUSALS) if ' ' in line)
    for name, words in SENTENCES.items():
        gimp.check(words in said.get(name, ''), name, 'says', said.get(name))


# ----------------------------------------------------------------- profiles

PROFILES = '''
(define (live name profile)
  (let* ((layer (make-picture 'rgba 'u8)) (image (image-of layer)))
    (if profile (give-profile image profile))
    (grow image layer '(model "lizard") '(steps 200) '(output layer) '(scale 1))
    (save-layer image (top-layer image) (string-append made name ".png"))
    (say name " " (if (regenerate image (top-layer image) '(steps 0)) "done" refusal))
    (save-layer image (top-layer image) (string-append made name "-again.png"))))
(live "plain" #f)
(live "swapped" "%s")
'''


def seen(path):
    """A picture's colours as sRGB, whatever its profile; what is thin is left out."""
    image = picture(path)
    profile = image.info.get('icc_profile')
    pixels = np.asarray(image, dtype=float)
    if profile:
        own, usual = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile('sRGB')
        pixels = np.asarray(ImageCms.profileToProfile(image.convert('RGB'), own, usual))
    return np.where(np.asarray(image)[..., 3:] > 200, pixels[..., :3], 0).astype(float)


def test_profiles(gimp):
    """A creature has its own colours in an image where the same numbers are others."""
    path = os.path.join(gimp.folder, 'swapped.icc')
    with open(path, 'wb') as file:
        file.write(swapped())
    said = gimp.run(PROFILES % path)
    for name in 'plain', 'swapped':
        gimp.check(name + ' done' in said, name, 'says', said)
    made = lambda name: seen(os.path.join(gimp.made, name + '.png'))
    plain, there = made('plain'), made('swapped')
    gimp.check(colour(plain).max() > 100, 'the lizard is grey')
    gimp.check(np.abs(there - plain).max() <= 2 * ROUNDING, 'with a profile it is another by',
               np.abs(there - plain).max())
    gimp.check(np.abs(made('swapped-again') - there).max() <= ROUNDING, 'drawn again it is another')


def main():
    series, plug_ins, nca = sys.argv[1:4]
    gimp = Gimp(series, plug_ins)
    try:
        test_frames(gimp, nca)
        test_regenerate(gimp)
        test_kinds(gimp, nca)
        test_refusals(gimp)
        test_profiles(gimp)
    finally:
        gimp.close()
    sys.exit(gimp.failures > 0)


main()
