# gradbook with everything that the README's two commands need:
#   docker build -t gradbook .
#   docker run --rm -it -p 8888:8888 gradbook
# The image is a working copy whose set-up is done. JupyterLab answers on port 8888; the address with its token is printed.
FROM node:24-bookworm-slim

RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /home/node/gradbook
RUN chown node:node /home/node/gradbook
USER node

COPY --chown=node:node package.json package-lock.json .npmrc ./
RUN npm ci
COPY --chown=node:node . .
RUN npm run setup

EXPOSE 8888
CMD ["npx", "gradbook", "lab", "--ip=0.0.0.0", "--no-browser"]
